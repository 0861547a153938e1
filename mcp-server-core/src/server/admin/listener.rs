//! The listener itself: a thread and a runtime of its own, so that it answers whatever the server is busy with.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::Request;
use tokio::net::TcpListener;
use tokio_util::sync::{CancellationToken, DropGuard};
use tower::ServiceExt as _;

use super::readings::Readings;
use super::routes::routes;
use super::token::Token;
use super::watched::{Supervised, Watched};
use crate::background;
use crate::peer::{Peer, TrustedProxies};
use crate::telemetry::Telemetry;
use crate::transport::http::{ConnectionLimits, Connections, Draining, Guard, Inbound, Spare};

/// The name of this listener in metrics, and of its thread.
const NAME: &str = "admin";
/// Open connections at most.
const CONNECTIONS: usize = 64;
/// Time for the head of a request to arrive, and for a client to take some bytes.
const TIMEOUT: Duration = Duration::from_secs(2);
/// File descriptors that are kept for operators when the process has no other.
const SPARE: usize = 4;

/// A listener that serves until it is dropped.
#[derive(Debug)]
pub(in crate::server) struct Admin {
    pub(in crate::server) address: SocketAddr,
    _stop: DropGuard,
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
        telemetry: Telemetry,
    ) -> std::io::Result<Self> {
        let socket = TcpListener::bind(address).await?.into_std()?;
        let address = socket.local_addr()?;
        let readings = Readings::start(Arc::clone(&supervised.condition));
        let routes = routes(Watched::new(supervised, token, address, readings));
        let guard =
            Guard::new((NAME, "admin_connections"), limits(), TrustedProxies::default(), telemetry, Spare::new(SPARE));
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let stop = CancellationToken::new();
        let stopped = stop.clone();
        background::spawn_thread(NAME, move || {
            if let Err(error) = runtime.block_on(serve(socket, guard, routes, stopped)) {
                tracing::error!(target: "mcp_server", %error, "the admin address is not served");
            }
        })?;
        Ok(Self { address, _stop: stop.drop_guard() })
    }
}

fn limits() -> ConnectionLimits {
    ConnectionLimits {
        max: CONNECTIONS,
        max_per_peer: CONNECTIONS,
        header_timeout: TIMEOUT,
        idle_timeout: TIMEOUT,
        write_timeout: TIMEOUT,
        linger: TIMEOUT,
        // One connection, one request: whoever polls each few seconds opens another.
        keep_alive: false,
        http2: false,
        explain: None,
        draining: Draining::default(),
    }
}

async fn serve(
    socket: std::net::TcpListener,
    guard: Arc<Guard>,
    routes: Router,
    stop: CancellationToken,
) -> std::io::Result<()> {
    let socket = TcpListener::from_std(socket)?;
    let connect = |address: IpAddr, _| {
        let (routes, peer) = (routes.clone(), Peer::new(address));
        move |request: http::Request<Inbound>| {
            let mut request: Request = request.map(axum::body::Body::new);
            request.extensions_mut().insert(peer);
            let answered = routes.clone().oneshot(request);
            async move {
                match answered.await {
                    Ok(response) => response,
                    Err(never) => match never {},
                }
            }
        }
    };
    guard.accept(&socket, &stop, &Connections::default(), connect).await;
    Ok(())
}
