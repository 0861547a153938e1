//! The responses that hyper writes by itself to a head that it cannot read: they get a body.

use std::time::Duration;

use http::StatusCode;
use tokio::io::AsyncWriteExt as _;
use tokio::net::TcpStream;

use super::linger::Linger;
use crate::protocol::error::WAIT;

/// A head that hyper cannot read is answered by these alone.
const STATUSES: [StatusCode; 3] =
    [StatusCode::BAD_REQUEST, StatusCode::URI_TOO_LONG, StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE];
const VERSION: &[u8] = b"HTTP/1.1 ";

/// Makes the body of a response to a head that cannot be read: its media type and its bytes.
pub(crate) type Explain = fn(StatusCode) -> (&'static str, Vec<u8>);

/// Recognizes a response that hyper wrote by itself, in what is about to leave.
///
/// Such a response has no body and ends the connection. It is written in one piece, as nothing else is pending then.
pub(super) fn status(bytes: &[u8]) -> Option<StatusCode> {
    let code = bytes.strip_prefix(VERSION)?.get(..3)?;
    let status = StatusCode::from_bytes(code).ok().filter(|status| STATUSES.contains(status))?;
    let head = bytes.strip_suffix(b"\r\n\r\n")?;
    let has =
        |wanted: &[u8]| head.split(|byte| *byte == b'\n').any(|line| line.trim_ascii().eq_ignore_ascii_case(wanted));
    (has(b"connection: close") && has(b"content-length: 0")).then_some(status)
}

/// The response with a body.
pub(super) fn response(status: StatusCode, explain: Explain) -> Vec<u8> {
    let (kind, body) = explain(status);
    let reason = status.canonical_reason().unwrap_or_default();
    let (code, length) = (status.as_u16(), body.len());
    let retry = match status {
        StatusCode::SERVICE_UNAVAILABLE => format!("retry-after: {}\r\n", WAIT.as_secs()),
        _ => String::new(),
    };
    let head = format!(
        "HTTP/1.1 {code} {reason}\r\nconnection: close\r\n{retry}content-type: {kind}\r\ncontent-length: {length}\r\n\r\n"
    );
    let mut response = head.into_bytes();
    response.extend_from_slice(&body);
    response
}

/// Sends a response to a client that is not served, and waits until it has been read, for this long at most.
pub(super) async fn send(mut stream: TcpStream, response: &[u8], within: Duration) {
    let sent = async {
        stream.write_all(response).await?;
        stream.shutdown().await
    };
    if matches!(tokio::time::timeout(within, sent).await, Ok(Ok(()))) {
        let mut linger = Linger::new(within);
        std::future::poll_fn(|cx| linger.poll(&mut stream, cx)).await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_hyper_writes_by_itself_is_recognized() {
        let automatic =
            b"HTTP/1.1 431 Request Header Fields Too Large\r\nconnection: close\r\ncontent-length: 0\r\n\r\n";
        assert_eq!(status(automatic), Some(StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE));
        for other in [
            "HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: 0\r\n\r\n",
            "HTTP/1.1 400 Bad Request\r\ncontent-length: 0\r\n\r\n",
            "HTTP/1.1 400 Bad Request\r\nconnection: close\r\ncontent-length: 10\r\n\r\n",
            "HTTP/1.1 400 Bad Request\r\nconnection: close\r\ncontent-length: 0\r\n\r\nx",
            "HTTP/1.1 400",
            "data: HTTP/1.1 400",
        ] {
            assert_eq!(status(other.as_bytes()), None, "{other}");
        }
    }

    #[test]
    fn the_body_is_as_long_as_the_head_says() {
        let text =
            String::from_utf8(response(StatusCode::BAD_REQUEST, |_| ("text/plain", b"broken".to_vec()))).unwrap();
        assert!(text.starts_with("HTTP/1.1 400 Bad Request\r\n") && text.ends_with("content-length: 6\r\n\r\nbroken"));
    }
}
