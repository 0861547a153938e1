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
            note(endpoint, &session, notification).await;
            response::accepted()
        }
        Err(refusal) => *refusal,
    }
}

/// Takes the client's answer to a question in: whoever asked gets it, on whichever replica.
pub(in crate::transport::http) async fn answer(
    endpoint: &Endpoint,
    head: &HeaderMap,
    answered: Answered,
    principal: &Principal,
) -> Response {
    match seek::session(endpoint, head, principal, None).await {
        Ok(session) => {
            endpoint.sessions().set_used(&session);
            match endpoint.sessions().answer(&session, answered).await {
                Ok(()) => response::accepted(),
                Err(error) => seek::unavailable(None, &error),
            }
        }
        Err(refusal) => *refusal,
    }
}

/// Does what a notification asks for: only a cancellation asks for anything, and one that names nothing is passed over
/// (basic/utilities, Cancellation).
pub(super) async fn note(endpoint: &Endpoint, session: &Session, notification: &Notification) {
    if let Some(id) = cancelled(notification) {
        endpoint.sessions().cancel(session, &id).await;
    }
}

/// The request that a notification gives up.
pub(in crate::transport::http) fn cancelled(notification: &Notification) -> Option<RequestId> {
    let params =
        Params::read(notification.params.as_deref()).ok().filter(|_| notification.method == Method::Cancelled)?;
    let id = params.request_id?.get();
    RequestId::from_json(&Bytes::copy_from_slice(id.as_bytes()))
}
