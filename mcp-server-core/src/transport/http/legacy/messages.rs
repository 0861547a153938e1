//! What a client sends that is no request: notifications, and answers to questions.

use bytes::Bytes;
use http::HeaderMap;

use super::super::endpoint::Endpoint;
use super::super::response::{self, Response};
use super::seek;
use crate::principal::Principal;
use crate::protocol::jsonrpc::{Notification, Response as Answered};
use crate::protocol::{Method, Params, RequestId};
use crate::session::Session;

/// Takes a notification within a session in.
pub(in crate::transport::http) async fn notification(
    endpoint: &Endpoint,
    head: &HeaderMap,
    notification: &Notification,
    principal: &Principal,
) -> Response {
    match seek::session(endpoint, head, principal, None).await {
        Ok(session) => {
            note(&session, notification);
            response::accepted()
        }
        Err(refusal) => *refusal,
    }
}

/// Takes the client's answer to a question in.
pub(in crate::transport::http) async fn answer(
    endpoint: &Endpoint,
    head: &HeaderMap,
    answered: Answered,
    principal: &Principal,
) -> Response {
    match seek::session(endpoint, head, principal, None).await {
        Ok(session) => {
            session.answer(answered);
            response::accepted()
        }
        Err(refusal) => *refusal,
    }
}

/// Does what a notification asks for: only a cancellation asks for anything, and one that names nothing is passed over
/// (basic/utilities, Cancellation).
pub(in crate::transport::http) fn note(session: &Session, notification: &Notification) {
    if notification.method != Method::Cancelled {
        return;
    }
    let Ok(params) = Params::read(notification.params.as_deref()) else { return };
    let id = params.request_id.and_then(|raw| RequestId::from_json(&Bytes::copy_from_slice(raw.get().as_bytes())));
    if let Some(id) = id {
        session.cancel(&id);
    }
}
