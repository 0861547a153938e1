//! GET and DELETE: a stream is opened or resumed, a session is ended.

use http::{HeaderMap, HeaderName, StatusCode};

use super::super::accept::accepts_events;
use super::super::body::Body;
use super::super::endpoint::Endpoint;
use super::super::form;
use super::super::headers;
use super::super::response::{self, Response};
use super::{seek, standing};
use crate::principal::Principal;
use crate::protocol::RpcError;
use crate::session::stream::{EventId, StreamError, Token};

const LAST_EVENT_ID: HeaderName = HeaderName::from_static("last-event-id");

/// Answers GET, where sessions are kept: the stream that a client lost, or the one that belongs to no request.
pub(in crate::transport::http) async fn get(endpoint: &Endpoint, head: &HeaderMap, principal: &Principal) -> Response {
    if endpoint.sessions().are_sealed() {
        return response::method_not_allowed("POST");
    }
    if !accepts_events(head) {
        let error =
            RpcError::invalid_request("GET is answered with `text/event-stream`, which `Accept` does not allow");
        return response::refusal(StatusCode::NOT_ACCEPTABLE, None, &error);
    }
    let session = match seek::session(endpoint, head, principal, None).await {
        Ok(session) => session,
        Err(refusal) => return *refusal,
    };
    endpoint.sessions().set_used(&session);
    let last = match headers::single(head, &LAST_EVENT_ID) {
        Ok(None) => return standing::open(endpoint, &session, None).await,
        Ok(Some(last)) => std::str::from_utf8(last).ok().and_then(EventId::parse),
        Err(error) => return response::refusal(StatusCode::BAD_REQUEST, None, &error),
    };
    let Some(last) = last else { return gone() };
    if last.token == Token::STANDALONE {
        return standing::open(endpoint, &session, Some(last)).await;
    }
    match endpoint.sessions().resume(&session, last).await {
        Ok(reader) => response::events(Body::Events(Box::new(form::of_resumed_call(endpoint, &session, last, reader)))),
        Err(StreamError::Gone) => gone(),
        Err(StreamError::Store(error)) => seek::unavailable(None, &error),
    }
}

/// The refusal for an event that a stream cannot be resumed after. It is not 404: that would end the session.
fn gone() -> Response {
    let error = RpcError::invalid_request(
        "`Last-Event-ID` names no event of this session, or what came after it is not kept any more: send the request again",
    );
    response::refusal(StatusCode::BAD_REQUEST, None, &error)
}

/// Answers DELETE, where sessions are kept: the session has ended when the answer is there.
pub(in crate::transport::http) async fn delete(
    endpoint: &Endpoint,
    head: &HeaderMap,
    principal: &Principal,
) -> Response {
    if endpoint.sessions().are_sealed() {
        return response::method_not_allowed("POST");
    }
    let session = match seek::session(endpoint, head, principal, None).await {
        Ok(session) => session,
        Err(refusal) => return *refusal,
    };
    match endpoint.sessions().remove(&session).await {
        Ok(()) => http::Response::new(Body::empty()),
        Err(error) => seek::unavailable(None, &error),
    }
}
