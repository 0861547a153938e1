//! The listener itself: its address, its connections, its patience.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio_util::task::AbortOnDropHandle;
use tower::ServiceExt as _;

use super::routes::routes;
use super::token::Token;
use super::watched::{Supervised, Watched};
use crate::background;

/// Open connections at most.
const CONNECTIONS: usize = 64;
/// Time for the head of a request to arrive.
const PATIENCE: Duration = Duration::from_secs(2);

/// A listener that serves until it is dropped.
#[derive(Debug)]
pub(in crate::server) struct Admin {
    pub(in crate::server) address: SocketAddr,
    _serving: AbortOnDropHandle<()>,
}

impl Admin {
    /// Binds an address and serves.
    ///
    /// # Errors
    /// What the system says, such as an address that is in use.
    pub(in crate::server) async fn start(
        address: SocketAddr,
        supervised: Supervised,
        token: Token,
    ) -> std::io::Result<Self> {
        let socket = TcpListener::bind(address).await?;
        let address = socket.local_addr()?;
        let serving = background::spawn("admin", serve(socket, routes(Watched::new(supervised, token, address))));
        Ok(Self { address, _serving: AbortOnDropHandle::new(serving) })
    }
}

async fn serve(socket: TcpListener, routes: Router) {
    let places = Arc::new(Semaphore::new(CONNECTIONS));
    loop {
        let Ok(place) = Arc::clone(&places).acquire_owned().await else { return };
        match socket.accept().await {
            Ok((stream, _)) => {
                let routes = routes.clone();
                drop(background::spawn("admin_connection", async move {
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
