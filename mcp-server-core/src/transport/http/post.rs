//! POST: one message, or a batch of the revision that has them; which era it is of decides who answers.

use bytes::Bytes;
use http::request::Parts;
use http::{HeaderMap, StatusCode};

use super::client::ClientConnection;
use super::endpoint::Endpoint;
use super::headers::{self, PROTOCOL_VERSION};
use super::response::{self, Response};
use super::{legacy, modern};
use crate::dispatch::{Answer, Status};
use crate::principal::Principal;
use crate::protocol::jsonrpc::{self, Message, Notification, Request};
use crate::protocol::meta::Meta;
use crate::protocol::{Params, RequestId, Revision, RpcError};
use crate::session::modern::is_modern;
use crate::session::{Era, Signs, era};
use crate::telemetry::{CallRecord, Wire};

/// Answers a body that was received whole.
pub(super) async fn answer(client: &ClientConnection, head: &Parts, body: Bytes, principal: Principal) -> Response {
    let endpoint: &Endpoint = client;
    let wire = Wire::Http(head.version);
    let head = &head.headers;
    if jsonrpc::is_batch(&body) {
        return legacy::batch(endpoint, wire, head, &body, &principal).await;
    }
    let mut record = CallRecord::start(endpoint.service().telemetry(), wire, body.len());
    match endpoint.service().large.run(body.len(), || jsonrpc::decode(&body)).await {
        Ok(Message::Request(request)) => {
            record.received(&request.method);
            self::request(client, head, &request, principal, record).await
        }
        Ok(Message::Notification(notification)) => {
            let said = headers::single(head, &PROTOCOL_VERSION).ok().flatten();
            let revision = said.and_then(|said| Revision::parse(std::str::from_utf8(said).ok()?));
            record.told(&notification, revision, Some(head));
            self::notification(endpoint, head, &notification, &principal).await
        }
        Ok(Message::Response(answered)) => legacy::answer(endpoint, head, answered, &principal).await,
        Err(malformed) => refuse(malformed.id.as_ref(), record, &malformed.error),
    }
}

async fn request(
    endpoint: &ClientConnection,
    head: &HeaderMap,
    request: &Request,
    principal: Principal,
    mut record: CallRecord,
) -> Response {
    record.identified(&request.id);
    let read = || Params::read(request.params.as_deref()).and_then(|params| Ok((params.meta()?, params)));
    let (meta, params) = match endpoint.service().large.run(request.size(), read).await {
        Ok(parsed) => parsed,
        Err(error) => {
            record.traced(&Meta::default(), Some(head));
            return refuse(Some(&request.id), record, &error);
        }
    };
    record.traced(&meta, Some(head));
    match classify(head, request, &meta) {
        Ok(Era::Modern) => modern::answer(endpoint, head, request, &params, &meta, principal, record).await,
        Ok(Era::Opening) => legacy::open(endpoint, request, &params, &principal, record).await,
        Ok(Era::Session) => legacy::request(endpoint, head, request, &params, &meta, principal, record).await,
        Ok(Era::Stray) => refuse(Some(&request.id), record, &era::stray()),
        Err(error) => refuse(Some(&request.id), record, &error),
    }
}

fn refuse(id: Option<&RequestId>, record: CallRecord, error: &RpcError) -> Response {
    response::answer(Answer::refusal_as(Status::BadRequest, id, error, record))
}

fn classify(head: &HeaderMap, request: &Request, meta: &Meta<'_>) -> Result<Era, RpcError> {
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
        let known = headers::single(head, &PROTOCOL_VERSION).and_then(era::check_header);
        return match known {
            Ok(()) => response::accepted(),
            Err(error) => response::refusal(StatusCode::BAD_REQUEST, None, &error),
        };
    }
    legacy::notification(endpoint, head, notification, principal).await
}
