//! `/api/state`: what there is now, of the server, its last failures, its sessions and tasks. Neither arguments nor
//! results are in it, nor anything that opens a session or a task.

use std::sync::{Arc, Weak};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use axum::extract::State;
use axum::response::Response;
use serde_json::{Map, Value, json};

use super::answer;
use super::probes;
use super::tools::millis;
use super::watched::Watched;
use crate::dispatch::Service;
use crate::server::config::Transport;
use crate::server::health::Details;
use crate::session::{Sessions, View};
use crate::task::Working;
use crate::telemetry::{Failure, Page};

/// Sessions and tasks in a list at most; their number is told in any case.
const MOST: usize = 100;
/// How many characters of a task's key tell tasks apart for people.
const SHORT: usize = 8;

pub(super) async fn show(State(watched): State<Arc<Watched>>) -> Response {
    let Some(service) = watched.supervised.service.upgrade() else { return answer::gone() };
    let details = watched.readings.details().await;
    let sessions = watched.supervised.sessions.as_ref().and_then(Weak::upgrade);
    let [failures, mistakes] =
        service.telemetry().failures().map(|all| all.iter().map(failure).collect::<Vec<Value>>());
    answer::json(&json!({
        "server": server(&watched, &service, details),
        "failures": failures,
        "mistakes": mistakes,
        "sessions": sessions.map(|sessions| open(&sessions)),
        "tasks": tasks(&service.desk().in_work()),
        "spending": service.spending(),
        "slowest": slowest(&service),
    }))
}

/// `/api/history`: what charts are drawn from, of the last minutes.
pub(super) async fn history(State(watched): State<Arc<Watched>>) -> Response {
    let kept = watched.supervised.metrics.as_ref().map(Page::history).unwrap_or_default();
    let kept: Vec<Value> = kept.iter().map(|one| json!({ "at": epoch(one.at), "text": one.text })).collect();
    answer::json(&json!({ "history": kept, "now": epoch(SystemTime::now()) }))
}

fn server(watched: &Watched, service: &Service, details: Details) -> Value {
    let identity = service.identity();
    let transport = match watched.supervised.transport {
        Transport::Http => "http",
        Transport::Stdio => "stdio",
    };
    json!({
        "name": identity.name(),
        "title": identity.title(),
        "version": identity.version(),
        "framework": env!("CARGO_PKG_VERSION"),
        "transport": transport,
        "replica": service.replica().id(),
        "since": epoch(watched.since()),
        "uptimeMs": millis(watched.uptime()),
        "now": epoch(SystemTime::now()),
        "measured": watched.supervised.metrics.is_some(),
        "ready": probes::told(details),
    })
}

/// How long the slowest call of each tool took, in seconds.
fn slowest(service: &Service) -> Value {
    let slowest = service.telemetry().meters().map(|meters| meters.slowest()).unwrap_or_default();
    slowest.into_iter().map(|(tool, took)| (tool.to_owned(), json!(took.as_secs_f64()))).collect::<Map<_, _>>().into()
}

fn failure(failure: &Failure) -> Value {
    json!({
        "at": epoch(failure.at),
        "method": failure.method,
        "name": failure.name,
        "outcome": failure.outcome,
        "kind": failure.kind,
        "cause": failure.cause,
        "reference": failure.reference,
        "trace": failure.trace,
        "micros": failure.micros,
    })
}

fn open(sessions: &Sessions) -> Value {
    let (count, views) = sessions.view(MOST);
    let told = |view: &View| {
        json!({
            "id": view.short,
            "client": view.client,
            "revision": view.revision.as_str(),
            "ageMs": millis(view.age),
            "idleMs": millis(view.idle),
            "open": view.open,
        })
    };
    json!({ "count": count, "list": views.iter().map(told).collect::<Vec<_>>() })
}

fn tasks(working: &[Working]) -> Value {
    let told = |task: &Working| {
        let id: String = task.key.chars().take(SHORT).collect();
        json!({ "id": id, "tool": task.tool, "ageMs": millis(task.since) })
    };
    json!({ "count": working.len(), "list": working.iter().take(MOST).map(told).collect::<Vec<_>>() })
}

/// A time of day in milliseconds since 1970.
fn epoch(time: SystemTime) -> u64 {
    millis(time.duration_since(UNIX_EPOCH).unwrap_or(Duration::ZERO))
}
