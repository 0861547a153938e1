//! POST: one message, or a batch of the revision that has them.

use bytes::Bytes;
use http::request::Parts;
use http::{HeaderMap, StatusCode};

use super::endpoint::Endpoint;
use super::headers::{self, PROTOCOL_VERSION};
use super::response::{self, Response};
use super::modern;
use crate::principal::Principal;
use crate::protocol::error::code;
use crate::protocol::jsonrpc::{self, Message, Request};
use crate::protocol::meta::Meta;
use crate::protocol::{Method, Params, Revision, RpcError};
use crate::session::modern::{is_modern, missing};
use crate::telemetry::CallRecord;

/// Answers a body that was received whole.
pub(super) async fn answer(endpoint: &Endpoint, head: &Parts, body: Bytes, principal: Principal) -> Response {
    let record = CallRecord::start("http", body.len());
    if jsonrpc::is_batch(&body) {
        let error = RpcError::invalid_request("batches are served in sessions of 2025-03-26 alone");
        return response::refusal(StatusCode::BAD_REQUEST, None, &error);
    }
    match jsonrpc::decode(&body) {
        Ok(Message::Request(request)) => self::request(endpoint, &head.headers, &request, principal, record).await,
        Ok(Message::Notification(_) | Message::Response(_)) => response::accepted(),
        Err(malformed) => response::refusal(StatusCode::BAD_REQUEST, malformed.id.as_ref(), &malformed.error),
    }
}

async fn request(
    endpoint: &Endpoint,
    head: &HeaderMap,
    request: &Request,
    principal: Principal,
    record: CallRecord,
) -> Response {
    let refuse = |error: &RpcError| response::refusal(StatusCode::BAD_REQUEST, Some(&request.id), error);
    let params = match Params::read(request.params.as_deref()) {
        Ok(params) => params,
        Err(error) => return refuse(&error),
    };
    let meta = match params.meta() {
        Ok(meta) => meta,
        Err(error) => return refuse(&error),
    };
    if is_modern(&meta) || names_modern(head) {
        return modern::answer(endpoint, head, request, &params, &meta, principal, record).await;
    }
    let _ = (code::INVALID_PARAMS, Method::Initialize, missing);
    refuse(&RpcError::invalid_request("legacy sessions are not served yet"))
}

/// Whether the version header names a modern revision, or none that is known: such a request without `_meta` is a
/// broken modern one.
fn names_modern(head: &HeaderMap) -> bool {
    match headers::single(head, &PROTOCOL_VERSION) {
        Ok(Some(version)) => {
            std::str::from_utf8(version).ok().and_then(Revision::parse).is_some_and(Revision::is_modern)
        }
        _ => false,
    }
}

#[expect(unused, reason = "taken up with sessions")]
fn unused(_: Meta<'_>) {}
