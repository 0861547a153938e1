//! `/api/tools`: the tools and the profile that holds for each.

use std::sync::Arc;
use std::time::Duration;

use axum::extract::State;
use axum::response::Response;
use serde_json::{Value, json};

use super::answer;
use super::watched::Watched;
use crate::server::command::ToolProfile;
use crate::server::profiles::profiles;

pub(super) async fn show(State(watched): State<Arc<Watched>>) -> Response {
    let Some(service) = watched.supervised.service.upgrade() else { return answer::gone() };
    let tools: Vec<Value> = profiles(&service).iter().map(told).collect();
    answer::json(&json!({ "tools": tools }))
}

fn told(profile: &ToolProfile) -> Value {
    json!({
        "name": profile.name,
        "title": profile.title,
        "mode": profile.mode,
        "timeoutMs": millis(profile.timeout),
        "maxResult": profile.max_result,
        "maxConcurrency": profile.max_concurrency,
        "effects": profile.effects,
        "scopes": profile.scopes,
        "lints": profile.lints,
    })
}

/// A time in milliseconds, as JSON has it.
pub(super) fn millis(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
}
