//! `/livez` and `/readyz`: one word for anybody, and for whoever has the token everything that readiness depends on.

use std::sync::Arc;

use axum::Extension;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use serde_json::{Value, json};

use super::answer;
use super::token::Brought;
use super::watched::Watched;
use crate::peer::Peer;
use crate::server::health::{Details, Readiness};

/// That this is answered shows that the process turns.
pub(super) async fn live() -> Response {
    answer::text(StatusCode::OK, "live")
}

pub(super) async fn ready(
    State(watched): State<Arc<Watched>>,
    peer: Option<Extension<Peer>>,
    headers: HeaderMap,
) -> Response {
    match watched.look(&headers, peer.map(|Extension(peer)| peer)) {
        Ok(Brought::Nothing) => {
            let readiness = watched.readings.readiness().await;
            answer::text(status(readiness), readiness.word())
        }
        Ok(Brought::Right) => {
            let details = watched.readings.details().await;
            answer::with(status(details.readiness()), &told(details))
        }
        Ok(Brought::Wrong) => answer::unauthorized(Brought::Wrong),
        Err(wait) => answer::too_many(wait),
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
