//! `/livez` and `/readyz`: one word for anybody, and for whoever has the token everything that readiness depends on.

use std::sync::Arc;

use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use serde_json::{Value, json};

use super::answer;
use super::token::Brought;
use super::watched::Watched;
use crate::server::health::{Details, Readiness};

/// That this is answered shows that the process turns.
pub(super) async fn live() -> Response {
    answer::text(StatusCode::OK, "live")
}

pub(super) async fn ready(State(watched): State<Arc<Watched>>, headers: HeaderMap) -> Response {
    let condition = &watched.supervised.condition;
    match watched.token.look(&headers) {
        Brought::Nothing => {
            let readiness = condition.readiness().await;
            answer::text(status(readiness), readiness.word())
        }
        Brought::Right => {
            let details = condition.details().await;
            answer::with(status(details.readiness()), &told(details))
        }
        Brought::Wrong => answer::unauthorized(Brought::Wrong),
    }
}

fn status(readiness: Readiness) -> StatusCode {
    if readiness == Readiness::Ready { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE }
}

/// Details as JSON.
pub(super) fn told(details: Details) -> Value {
    json!({
        "readiness": details.readiness().word(),
        "store": { "engine": details.engine, "answers": details.answers },
        "keys": { "agree": details.agree },
        "draining": details.draining,
    })
}
