//! The forms of answers.

use std::time::Duration;

use axum::http::header::{CONTENT_TYPE, RETRY_AFTER, WWW_AUTHENTICATE};
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse as _, Response};
use serde_json::{Value, json};

use super::token::Brought;

const JSON: HeaderValue = HeaderValue::from_static("application/json");

/// A JSON answer.
pub(super) fn with(status: StatusCode, body: &Value) -> Response {
    (status, [(CONTENT_TYPE, JSON)], body.to_string()).into_response()
}

/// A JSON answer of a request that went well.
pub(super) fn json(body: &Value) -> Response {
    with(StatusCode::OK, body)
}

/// A word or a sentence.
pub(super) fn text(status: StatusCode, text: &'static str) -> Response {
    (status, text).into_response()
}

/// What a request gets that does not bring the token.
pub(super) fn unauthorized(brought: Brought) -> Response {
    let what = if brought == Brought::Nothing { "the admin token is missing" } else { "this is not the admin token" };
    let message = format!(
        "{what}: send `Authorization: Bearer TOKEN`, with the token of `admin.token`, or the one in the link to the \
         operator page that the server logged at its start"
    );
    let body = json!({ "error": "unauthorized", "message": message });
    let mut answer = with(StatusCode::UNAUTHORIZED, &body);
    answer.headers_mut().insert(WWW_AUTHENTICATE, HeaderValue::from_static("Bearer realm=\"admin\""));
    answer
}

/// What a request gets whose peer guesses tokens.
pub(super) fn too_many(wait: Duration) -> Response {
    let body = json!({ "error": "too_many_attempts", "message": "too many wrong tokens came from this address: wait" });
    let mut answer = with(StatusCode::TOO_MANY_REQUESTS, &body);
    answer.headers_mut().insert(RETRY_AFTER, HeaderValue::from(wait.as_secs() + 1));
    answer
}

/// What a request gets while too many others are being answered.
pub(super) fn busy() -> Response {
    let mut answer = text(StatusCode::SERVICE_UNAVAILABLE, "too many requests at once\n");
    answer.headers_mut().insert(RETRY_AFTER, HeaderValue::from(1));
    answer
}

/// What a request gets while the server ends.
pub(super) fn gone() -> Response {
    let body = json!({ "error": "stopping", "message": "the server has ended its work and is about to stop" });
    with(StatusCode::SERVICE_UNAVAILABLE, &body)
}
