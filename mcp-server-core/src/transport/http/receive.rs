//! Receiving a body: bounded in bytes and in time, without a copy where it comes in one piece.

use std::time::Duration;

use bytes::{Bytes, BytesMut};
use http::StatusCode;
use http_body_util::BodyExt as _;

use super::response::{self, Response};
use crate::protocol::RpcError;

/// Reads a whole body.
///
/// # Errors
/// The response: 413 for too many bytes, 408 for too much time, 400 for a body that broke off.
pub(super) async fn whole<B>(body: B, most: usize, within: Duration) -> Result<Bytes, Box<Response>>
where
    B: http_body::Body<Data = Bytes> + Unpin,
{
    if body.size_hint().lower() > most as u64 {
        return Err(too_large(most));
    }
    tokio::time::timeout(within, collect(body, most)).await.unwrap_or_else(|_| {
        let error = RpcError::invalid_request(format!("the body did not arrive within {} s", within.as_secs()));
        Err(Box::new(response::refusal(StatusCode::REQUEST_TIMEOUT, None, &error)))
    })
}

async fn collect<B>(mut body: B, most: usize) -> Result<Bytes, Box<Response>>
where
    B: http_body::Body<Data = Bytes> + Unpin,
{
    let mut first = Bytes::new();
    let mut all = BytesMut::new();
    while let Some(frame) = body.frame().await {
        let Ok(frame) = frame else {
            let error = RpcError::invalid_request("the body broke off");
            return Err(Box::new(response::refusal(StatusCode::BAD_REQUEST, None, &error)));
        };
        let Ok(data) = frame.into_data() else { continue };
        if first.len() + all.len() + data.len() > most {
            return Err(too_large(most));
        }
        if first.is_empty() && all.is_empty() {
            first = data;
            continue;
        }
        if all.is_empty() {
            all.extend_from_slice(&std::mem::take(&mut first));
        }
        all.extend_from_slice(&data);
    }
    Ok(if all.is_empty() { first } else { all.freeze() })
}

fn too_large(most: usize) -> Box<Response> {
    let error = RpcError::invalid_request(format!("the body has more than the {most} bytes that are allowed"));
    Box::new(response::refusal(StatusCode::PAYLOAD_TOO_LARGE, None, &error))
}
