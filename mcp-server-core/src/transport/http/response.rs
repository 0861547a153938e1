//! Responses: the heads that go with bodies. Every refusal has a JSON-RPC body.

use std::time::Duration;

use http::header::{ALLOW, CACHE_CONTROL, CONTENT_TYPE, RETRY_AFTER, WWW_AUTHENTICATE};
use http::{HeaderName, HeaderValue, StatusCode};

use super::body::Body;
use crate::dispatch::{Answer, Status};
use crate::protocol::error::WAIT;
use crate::protocol::{RequestId, RpcError, write};

pub(crate) type Response = http::Response<Body>;

const JSON: HeaderValue = HeaderValue::from_static("application/json");
const EVENTS: HeaderValue = HeaderValue::from_static("text/event-stream");
const NO_STORE: HeaderValue = HeaderValue::from_static("no-cache");
const UNBUFFERED: HeaderName = HeaderName::from_static("x-accel-buffering");

/// A JSON reply with the status that goes with the answer.
pub(super) fn answer(answer: Answer) -> Response {
    let (status, challenge) = match answer.status {
        Status::Ok => (StatusCode::OK, None),
        Status::BadRequest => (StatusCode::BAD_REQUEST, None),
        Status::NotFound => (StatusCode::NOT_FOUND, None),
        Status::NotAcceptable => (StatusCode::NOT_ACCEPTABLE, None),
        Status::Unavailable => (StatusCode::SERVICE_UNAVAILABLE, None),
        Status::Forbidden(scopes) => (StatusCode::FORBIDDEN, Some(scopes)),
    };
    let mut response = json(status, Body::Whole(Some(answer.bytes), Some(answer.record)));
    if let Some(scopes) = challenge {
        let value = format!(r#"Bearer error="insufficient_scope", scope="{}""#, scopes.join(" "));
        if let Ok(value) = HeaderValue::from_str(&value) {
            response.headers_mut().insert(WWW_AUTHENTICATE, value);
        }
    }
    if status == StatusCode::SERVICE_UNAVAILABLE {
        response.headers_mut().insert(RETRY_AFTER, HeaderValue::from(WAIT.as_secs()));
    }
    response
}

/// A JSON body under a status.
pub(super) fn json(status: StatusCode, body: Body) -> Response {
    let mut response = Response::new(body);
    *response.status_mut() = status;
    response.headers_mut().insert(CONTENT_TYPE, JSON);
    response
}

/// A protocol error under a status, with the request's id where it could be read.
pub(super) fn refusal(status: StatusCode, id: Option<&RequestId>, error: &RpcError) -> Response {
    json(status, Body::whole(write::error(id, error)))
}

/// The media type and the body of a refusal whose request was not read.
pub(super) fn unread(status: StatusCode, why: &'static str) -> (&'static str, Vec<u8>) {
    let error = match status {
        StatusCode::SERVICE_UNAVAILABLE => RpcError::unavailable(why.to_owned()),
        _ => RpcError::invalid_request(why),
    };
    ("application/json", write::error(None, &error).to_vec())
}

/// 503: the server cannot do this now, and may later.
pub(super) fn unavailable(id: Option<&RequestId>, error: &RpcError) -> Response {
    let mut response = refusal(StatusCode::SERVICE_UNAVAILABLE, id, error);
    response.headers_mut().insert(RETRY_AFTER, HeaderValue::from(WAIT.as_secs()));
    response
}

/// The seconds of a wait, rounded up.
fn whole_seconds(wait: Duration) -> u64 {
    wait.as_secs().saturating_add(u64::from(wait.subsec_nanos() > 0))
}

/// Tells the client when to come back, in whole seconds.
pub(super) fn retry_after(mut response: Response, wait: Duration) -> Response {
    response.headers_mut().insert(RETRY_AFTER, HeaderValue::from(whole_seconds(wait)));
    response
}

/// A stream of events, which proxies are asked not to hold back.
pub(super) fn events(body: Body) -> Response {
    let mut response = Response::new(body);
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, EVENTS);
    headers.insert(CACHE_CONTROL, NO_STORE);
    headers.insert(UNBUFFERED, HeaderValue::from_static("no"));
    response
}

/// Taken on, and nothing to say.
pub(super) fn accepted() -> Response {
    let mut response = Response::new(Body::empty());
    *response.status_mut() = StatusCode::ACCEPTED;
    response
}

/// A method that the endpoint has not.
pub(super) fn method_not_allowed(allowed: &'static str) -> Response {
    let error = RpcError::invalid_request(format!("this endpoint serves {allowed}"));
    let mut response = refusal(StatusCode::METHOD_NOT_ALLOWED, None, &error);
    response.headers_mut().insert(ALLOW, HeaderValue::from_static(allowed));
    response
}
