//! The listener of the endpoint: its connections are guarded, and it ends gracefully.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use http::StatusCode;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use super::client::ClientConnection;
use super::connection::{ConnectionLimits, Connections, Draining, Guard, Inbound, Spare};
use super::endpoint::Endpoint;
use super::entrance;
use super::response::{self, Response};

/// The name of this listener in metrics.
const NAME: &str = "mcp";
/// How long it may take to tell clients that their calls were cut.
const LAST_WORDS: Duration = Duration::from_secs(1);

/// A bound address, ready to serve.
#[derive(Debug)]
pub(crate) struct Listener {
    socket: TcpListener,
    address: SocketAddr,
}

impl Listener {
    /// Binds an address.
    ///
    /// # Errors
    /// What the system says, such as an address that is in use.
    pub(crate) async fn bind(address: SocketAddr) -> std::io::Result<Self> {
        let socket = TcpListener::bind(address).await?;
        let address = socket.local_addr()?;
        Ok(Self { socket, address })
    }

    /// The address, with the port that the system picked if it was asked to.
    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }

    /// Serves until `stop` is cancelled; then takes no more connections, lets those that are open finish what they
    /// do, and closes what is left after `grace`: legacy calls end in an error that says so. While the server is
    /// `draining`, each answer is the last one of its connection.
    pub(crate) async fn serve(
        self,
        endpoint: Arc<Endpoint>,
        draining: Draining,
        stop: CancellationToken,
        grace: Duration,
    ) {
        let connections = Connections::default();
        let guard = guard(&endpoint, draining);
        let connect = |address, activity| {
            let client = Arc::new(ClientConnection::new(Arc::clone(&endpoint), address, activity));
            move |request| answer(Arc::clone(&client), request)
        };
        guard.accept(&self.socket, &stop, &connections, connect).await;
        drop(self.socket);
        endpoint.stop();
        let Connections { open, cut } = connections;
        open.close();
        let drained = async {
            open.wait().await;
            endpoint.drained().await;
        };
        if tokio::time::timeout(grace, drained).await.is_err() {
            tracing::warn!(open = open.len(), "the grace of the shutdown is over: connections are cut");
            endpoint.cut();
            // What still ran is told so, on its stream and in its log.
            let told = async {
                endpoint.drained().await;
                open.wait().await;
            };
            drop(tokio::time::timeout(LAST_WORDS, told).await);
            cut.cancel();
            open.wait().await;
        }
    }
}

/// Answers a request, in a task of its own if the protocol has streams.
async fn answer(client: Arc<ClientConnection>, request: http::Request<Inbound>) -> Response {
    entrance::answer(&client, request).await
}

fn guard(endpoint: &Endpoint, draining: Draining) -> Arc<Guard> {
    let settings = endpoint.settings();
    let limits = ConnectionLimits {
        max: settings.max_connections,
        max_per_peer: settings.max_connections_per_peer,
        header_timeout: settings.header_timeout,
        idle_timeout: settings.idle_timeout,
        write_timeout: settings.write_timeout,
        linger: settings.body_timeout,
        keep_alive: true,
        http2: true,
        explain: Some(explain),
        draining,
    };
    let telemetry = endpoint.service().telemetry().clone();
    Guard::new((NAME, "connections"), limits, settings.trusted_proxies.clone(), telemetry, Spare::new(0))
}

/// What a client is told whose request has no handler.
fn explain(status: StatusCode) -> (&'static str, Vec<u8>) {
    let why = match status {
        StatusCode::SERVICE_UNAVAILABLE => "the server has no place for another connection: try again",
        StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE => "the headers are too large, or too many",
        StatusCode::URI_TOO_LONG => "the request target is too long",
        _ => "the head of the request is not HTTP: see RFC 9112",
    };
    response::unread(status, why)
}
