//! What the head of a request must agree on before anything else is asked: where it goes, and how its body is coded.

use http::header::{ACCEPT_ENCODING, CONTENT_ENCODING, HOST, TRANSFER_ENCODING};
use http::request::Parts;
use http::{HeaderMap, HeaderValue, StatusCode, Version};

use super::response::{self, Response};
use crate::protocol::RpcError;

/// Checks where a request goes, and how its body is framed.
///
/// # Errors
/// The refusal: 400 for a `Host` that is missing or differs from the target (RFC 9112 section 3.2, RFC 9113 section
/// 8.3.1), 501 for a transfer coding that is not served (RFC 9112 section 6.1).
pub(super) fn check(head: &Parts) -> Result<(), Box<Response>> {
    let host = head.headers.get(HOST);
    if host.is_none() && head.version == Version::HTTP_11 {
        return Err(refuse(StatusCode::BAD_REQUEST, "the header `Host` is missing"));
    }
    if let (Some(host), Some(authority)) = (host, head.uri.authority())
        && !host.as_bytes().eq_ignore_ascii_case(authority.as_str().as_bytes())
    {
        let why = "the header `Host` differs from the authority of the request target";
        return Err(refuse(StatusCode::BAD_REQUEST, why));
    }
    let mut codings = head.headers.get_all(TRANSFER_ENCODING).iter();
    match (codings.next(), codings.next()) {
        (None, _) => Ok(()),
        (Some(coding), None) if coding.as_bytes().trim_ascii().eq_ignore_ascii_case(b"chunked") => Ok(()),
        _ => Err(refuse(StatusCode::NOT_IMPLEMENTED, "the only `Transfer-Encoding` that is served is `chunked`")),
    }
}

/// Checks how the content of a message is coded.
///
/// # Errors
/// The refusal: 415, which says what is accepted (RFC 9110 section 15.5.16).
pub(super) fn check_content(headers: &HeaderMap) -> Result<(), Box<Response>> {
    let is_plain = |line: &HeaderValue| {
        let codings = line.as_bytes().split(|byte| *byte == b',').map(<[u8]>::trim_ascii);
        codings.into_iter().all(|coding| coding.is_empty() || coding.eq_ignore_ascii_case(b"identity"))
    };
    if headers.get_all(CONTENT_ENCODING).iter().all(is_plain) {
        return Ok(());
    }
    let mut refusal = refuse(StatusCode::UNSUPPORTED_MEDIA_TYPE, "a `Content-Encoding` is not served: send it uncoded");
    refusal.headers_mut().insert(ACCEPT_ENCODING, HeaderValue::from_static("identity"));
    Err(refusal)
}

fn refuse(status: StatusCode, why: &'static str) -> Box<Response> {
    Box::new(response::refusal(status, None, &RpcError::invalid_request(why)))
}

#[cfg(test)]
mod tests {
    use http::Request;

    use super::*;

    fn status(version: Version, target: &str, headers: &[(&str, &str)]) -> u16 {
        let mut request = Request::post(target).version(version);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let head = request.body(()).unwrap().into_parts().0;
        let checked = check(&head).and_then(|()| check_content(&head.headers));
        checked.map_or_else(|refusal| refusal.status().as_u16(), |()| 200)
    }

    #[test]
    fn a_request_goes_to_one_place() {
        let (one, two) = (Version::HTTP_11, Version::HTTP_2);
        for (version, target, headers, expected) in [
            (one, "/mcp", &[("host", "a.example")][..], 200),
            (one, "/mcp", &[], 400),
            (Version::HTTP_10, "/mcp", &[], 200),
            (one, "http://a.example/mcp", &[("host", "A.example")], 200),
            (one, "http://a.example/mcp", &[("host", "b.example")], 400),
            (one, "http://a.example:81/mcp", &[("host", "a.example")], 400),
            (two, "http://a.example/mcp", &[], 200),
            (two, "http://a.example/mcp", &[("host", "b.example")], 400),
        ] {
            assert_eq!(status(version, target, headers), expected, "{target} {headers:?}");
        }
    }

    #[test]
    fn codings_that_are_not_served_are_refused() {
        for (name, value, expected) in [
            ("transfer-encoding", "chunked", 200),
            ("transfer-encoding", "Chunked", 200),
            ("transfer-encoding", "gzip, chunked", 501),
            ("transfer-encoding", "identity", 501),
            ("content-encoding", "gzip", 415),
            ("content-encoding", "identity, br", 415),
            ("content-encoding", "identity", 200),
        ] {
            assert_eq!(status(Version::HTTP_11, "/", &[("host", "a"), (name, value)]), expected, "{name}: {value}");
        }
    }
}
