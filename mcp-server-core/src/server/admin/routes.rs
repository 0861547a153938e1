//! The routes, and what each asks of a request before it answers.

use std::sync::Arc;

use axum::Router;
use axum::extract::{Request, State};
use axum::http::header::{CACHE_CONTROL, HOST, REFERRER_POLICY, X_CONTENT_TYPE_OPTIONS};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::middleware::{Next, from_fn_with_state, map_response};
use axum::response::Response;
use axum::routing::get;

use super::token::Brought;
use super::watched::Watched;
use super::{answer, open, probes, state, tools};
use crate::peer::Peer;

const PATHS: &str = "there is nothing here; /, /livez, /readyz, /metrics and /version are\n";

/// Everything that the listener serves.
pub(super) fn routes(watched: Watched) -> Router {
    let watched = Arc::new(watched);
    let guarded = Router::new()
        .route("/api/state", get(state::show))
        .route("/api/tools", get(tools::show))
        .route("/api/history", get(state::history))
        .route_layer(from_fn_with_state(Arc::clone(&watched), with_token));
    let named = Router::new()
        .route("/", get(page))
        .route("/metrics", get(open::metrics))
        .route("/version", get(open::version))
        .merge(guarded)
        .route_layer(from_fn_with_state(Arc::clone(&watched), by_name));
    Router::new()
        .route("/readyz", get(probes::ready))
        .merge(named)
        .route_layer(from_fn_with_state(Arc::clone(&watched), one_of_few))
        .route("/livez", get(probes::live))
        .fallback(|| async { answer::text(StatusCode::NOT_FOUND, PATHS) })
        .layer(map_response(hardened))
        .with_state(watched)
}

/// The page for operators, which carries no data.
async fn page(State(watched): State<Arc<Watched>>) -> Response {
    watched.document.answer()
}

/// Refuses a browser that was led here under a foreign name (DNS rebinding). Every browser says under which; a probe of
/// HTTP/1.0 need not.
async fn by_name(State(watched): State<Arc<Watched>>, request: Request, next: Next) -> Response {
    let foreign = |headers: &HeaderMap| {
        let mut hosts = headers.get_all(HOST).iter();
        let (first, more) = (hosts.next(), hosts.next().is_some());
        first.is_some_and(|host| more || watched.gate.check(host.to_str().ok(), None).is_err())
    };
    if foreign(request.headers()) {
        let why = "this Host is not served here: use the address that the server listens on, or `localhost`\n";
        return answer::text(StatusCode::FORBIDDEN, why);
    }
    next.run(request).await
}

/// Refuses whoever does not bring the token.
async fn with_token(State(watched): State<Arc<Watched>>, request: Request, next: Next) -> Response {
    match watched.look(request.headers(), request.extensions().get::<Peer>().copied()) {
        Ok(Brought::Right) => next.run(request).await,
        Ok(brought) => answer::unauthorized(brought),
        Err(wait) => answer::too_many(wait),
    }
}

/// Refuses what is no probe of life while too many others are being answered: they may wait for the store.
async fn one_of_few(State(watched): State<Arc<Watched>>, request: Request, next: Next) -> Response {
    let Some(_place) = watched.place() else { return answer::busy() };
    next.run(request).await
}

/// What holds for every answer: it is of now, it is what it says it is, and its address goes nowhere.
async fn hardened(mut answer: Response) -> Response {
    let headers = answer.headers_mut();
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    answer
}
