//! POST: one message, or a batch of the revision that has them; which era it is of decides who answers.

use bytes::Bytes;
use http::request::Parts;
use http::{HeaderMap, StatusCode};

use super::endpoint::Endpoint;
use super::headers::{self, PROTOCOL_VERSION};
use super::response::{self, Response};
use super::{legacy, modern};
use crate::principal::Principal;
use crate::protocol::Params;
use crate::protocol::jsonrpc::{self, Message, Notification, Request};
use crate::protocol::meta::Meta;
use crate::session::modern::is_modern;
use crate::session::{Era, Signs, era};
use crate::telemetry::CallRecord;

/// Answers a body that was received whole.
pub(super) async fn answer(endpoint: &Endpoint, head: &Parts, body: Bytes, principal: Principal) -> Response {
    let head = &head.headers;
    if jsonrpc::is_batch(&body) {
        return legacy::batch(endpoint, head, &body, &principal).await;
    }
    let record = CallRecord::start("http", body.len());
    match jsonrpc::decode(&body) {
        Ok(Message::Request(request)) => self::request(endpoint, head, &request, principal, record).await,
        Ok(Message::Notification(notification)) => self::notification(endpoint, head, &notification, &principal).await,
        Ok(Message::Response(answered)) => legacy::answer(endpoint, head, answered, &principal).await,
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
    let refuse = |error| response::refusal(StatusCode::BAD_REQUEST, Some(&request.id), &error);
    let params = match Params::read(request.params.as_deref()) {
        Ok(params) => params,
        Err(error) => return refuse(error),
    };
    let meta = match params.meta() {
        Ok(meta) => meta,
        Err(error) => return refuse(error),
    };
    match classify(head, request, &meta) {
        Ok(Era::Modern) => modern::answer(endpoint, head, request, &params, &meta, principal, record).await,
        Ok(Era::Opening) => legacy::open(endpoint, request, &params, &principal, record).await,
        Ok(Era::Session) => legacy::request(endpoint, head, request, &params, &meta, principal, record).await,
        Ok(Era::Stray) => refuse(era::stray()),
        Err(error) => refuse(error),
    }
}

fn classify(head: &HeaderMap, request: &Request, meta: &Meta<'_>) -> Result<Era, crate::protocol::RpcError> {
    if is_modern(meta) {
        return Ok(Era::Modern);
    }
    let header = headers::single(head, &PROTOCOL_VERSION)?;
    era::classify(Signs { method: &request.method, meta, header, session: legacy::names_session(head) })
}

/// A notification within a session is the session's; a modern client has none to send, and what it sends is accepted
/// and passed over.
async fn notification(
    endpoint: &Endpoint,
    head: &HeaderMap,
    notification: &Notification,
    principal: &Principal,
) -> Response {
    let params = Params::read(notification.params.as_deref()).unwrap_or_default();
    if !legacy::names_session(head) || params.meta().is_ok_and(|meta| is_modern(&meta)) {
        return response::accepted();
    }
    legacy::notification(endpoint, head, notification, principal).await
}
