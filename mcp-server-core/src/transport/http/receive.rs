//! Receiving a body: bounded in bytes and in time, reserved before it is read, without a copy where it comes in one
//! piece.

use std::time::Duration;

use bytes::{Bytes, BytesMut};
use http::StatusCode;
use http_body_util::BodyExt as _;

use super::response::{self, Response};
use crate::guard::request_bytes::{Exhausted, Reservation};
use crate::protocol::RpcError;

/// Reads a whole body. Bytes that its head declares are reserved before any of it is read, others as they arrive.
///
/// # Errors
/// The response: 413 for too many bytes, 503 where they cannot be reserved, 408 for too much time, 400 for a body that
/// broke off.
pub(super) async fn whole<B>(
    body: B,
    most: usize,
    within: Duration,
    reservation: &mut Reservation,
) -> Result<Bytes, Box<Response>>
where
    B: http_body::Body<Data = Bytes> + Unpin,
{
    if body.size_hint().lower() > most as u64 {
        return Err(too_large(most));
    }
    let declared = usize::try_from(body.size_hint().lower()).unwrap_or(most);
    reservation.grow(declared).map_err(exhausted)?;
    tokio::time::timeout(within, collect(body, most, declared, reservation)).await.unwrap_or_else(|_| {
        let error = RpcError::invalid_request(format!("the body did not arrive within {} s", within.as_secs()));
        Err(Box::new(response::refusal(StatusCode::REQUEST_TIMEOUT, None, &error)))
    })
}

/// 503: the memory for the request is in use by others.
pub(super) fn exhausted(exhausted: Exhausted) -> Box<Response> {
    Box::new(response::unavailable(None, &RpcError::unavailable(exhausted.to_string())))
}

async fn collect<B>(
    mut body: B,
    most: usize,
    declared: usize,
    reservation: &mut Reservation,
) -> Result<Bytes, Box<Response>>
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
        let received = first.len() + all.len() + data.len();
        if received > most {
            return Err(too_large(most));
        }
        reservation.grow(received.saturating_sub(reservation.bytes())).map_err(exhausted)?;
        if first.is_empty() && all.is_empty() {
            first = data;
            continue;
        }
        if all.is_empty() {
            all.reserve(declared);
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
