//! The listener for supervisors and balancers: `/livez` and `/readyz`, one word each.
//!
//! It stands apart from the endpoint, so that it answers while the endpoint is busy or closed. It says nothing of hosts,
//! versions or causes, which are in the log: whoever reaches it may ask.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE, HeaderName};
use axum::response::IntoResponse;
use axum::routing::get;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio_util::task::AbortOnDropHandle;
use tower::ServiceExt as _;

use super::health::{Condition, Readiness};
use crate::telemetry::Page;

/// Open connections at most.
const CONNECTIONS: usize = 64;
/// Time for the head of a request to arrive.
const PATIENCE: Duration = Duration::from_secs(2);

/// What is served.
#[derive(Clone, Debug)]
pub(super) struct Supervised {
    pub(super) condition: Arc<Condition>,
    pub(super) page: Option<Page>,
}

/// A listener that serves until it is dropped.
#[derive(Debug)]
pub(super) struct Admin {
    pub(super) address: SocketAddr,
    _serving: AbortOnDropHandle<()>,
}

impl Admin {
    /// Binds an address and serves.
    ///
    /// # Errors
    /// What the system says, such as an address that is in use.
    pub(super) async fn start(address: SocketAddr, supervised: Supervised) -> std::io::Result<Self> {
        let socket = TcpListener::bind(address).await?;
        let address = socket.local_addr()?;
        let serving = tokio::spawn(serve(socket, routes(supervised)));
        Ok(Self { address, _serving: AbortOnDropHandle::new(serving) })
    }
}

/// What is served.
fn routes(Supervised { condition, page }: Supervised) -> Router {
    let health = Router::new().route("/livez", get(live)).route("/readyz", get(ready)).with_state(condition);
    match page {
        Some(page) => health.merge(Router::new().route("/metrics", get(metrics)).with_state(page)),
        None => health,
    }
}

type Answer = (StatusCode, [(HeaderName, &'static str); 1], &'static str);

/// That this is answered shows that the process turns.
async fn live() -> Answer {
    (StatusCode::OK, [(CACHE_CONTROL, "no-store")], "live")
}

async fn metrics(State(page): State<Page>) -> impl IntoResponse {
    ([(CONTENT_TYPE, Page::MEDIA_TYPE)], page.text())
}

async fn ready(State(condition): State<Arc<Condition>>) -> Answer {
    let readiness = condition.readiness().await;
    let status = if readiness == Readiness::Ready { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    (status, [(CACHE_CONTROL, "no-store")], readiness.word())
}

async fn serve(socket: TcpListener, routes: Router) {
    let places = Arc::new(Semaphore::new(CONNECTIONS));
    loop {
        let Ok(place) = Arc::clone(&places).acquire_owned().await else { return };
        match socket.accept().await {
            Ok((stream, _)) => {
                let routes = routes.clone();
                drop(tokio::spawn(async move {
                    answer(stream, routes).await;
                    drop(place);
                }));
            }
            Err(error) => {
                tracing::warn!(target: "mcp_server", %error, "a connection to the admin address could not be accepted");
                // Out of descriptors: without a pause the loop would spin until one is free.
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
        }
    }
}

/// One connection, one request: whoever polls each few seconds opens another.
async fn answer(stream: TcpStream, routes: Router) {
    let handler = service_fn(move |request| {
        let routes = routes.clone();
        async move {
            let answered: Result<_, Infallible> = routes.oneshot(request).await;
            answered
        }
    });
    let mut builder = http1::Builder::new();
    builder.timer(TokioTimer::new()).header_read_timeout(PATIENCE).keep_alive(false);
    if let Err(error) = builder.serve_connection(TokioIo::new(stream), handler).await {
        tracing::debug!(target: "mcp_server", %error, "a connection to the admin address ended badly");
    }
}
