//! What whoever reaches the address may read: the metrics, and which version runs.

use std::sync::Arc;

use axum::extract::State;
use axum::http::header::{ACCEPT, CONTENT_TYPE};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse as _, Response};
use serde_json::json;

use super::answer;
use super::watched::Watched;
use crate::protocol::Revision;
use crate::telemetry::Format;

pub(super) async fn metrics(State(watched): State<Arc<Watched>>, headers: HeaderMap) -> Response {
    let format = Format::of(headers.get(ACCEPT).and_then(|accept| accept.to_str().ok()));
    match &watched.supervised.metrics {
        Some(page) => ([(CONTENT_TYPE, format.media_type())], page.text(format)).into_response(),
        None => answer::text(StatusCode::NOT_FOUND, "nothing is measured: telemetry.enabled is false\n"),
    }
}

pub(super) async fn version(State(watched): State<Arc<Watched>>) -> Response {
    let Some(service) = watched.supervised.service.upgrade() else { return answer::gone() };
    answer::json(&json!({
        "name": service.identity().name(),
        "version": service.identity().version(),
        "framework": { "name": env!("CARGO_PKG_NAME"), "version": env!("CARGO_PKG_VERSION") },
        "protocolVersions": Revision::ALL.map(Revision::as_str),
    }))
}
