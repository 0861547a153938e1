//! The accept loop: a cap on connections, no Nagle delay, and a graceful end.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::connection;
use super::endpoint::Endpoint;

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
    /// do, and closes what is left after `grace`: legacy calls end in an error that says so.
    pub(crate) async fn serve(self, endpoint: Arc<Endpoint>, stop: CancellationToken, grace: Duration) {
        let places = Arc::new(Semaphore::new(endpoint.settings().max_connections));
        let connections = TaskTracker::new();
        let cut = CancellationToken::new();
        loop {
            let place = tokio::select! {
                () = stop.cancelled() => break,
                place = Arc::clone(&places).acquire_owned() => place,
            };
            let Ok(place) = place else { break };
            let accepted = tokio::select! {
                () = stop.cancelled() => break,
                accepted = self.socket.accept() => accepted,
            };
            let Some(stream) = ready(accepted).await else { continue };
            let served = connection::serve(stream, Arc::clone(&endpoint), stop.clone());
            let cut = cut.clone();
            connections.spawn(async move {
                tokio::select! {
                    () = served => {}
                    () = cut.cancelled() => {}
                }
                drop(place);
            });
        }
        drop(self.socket);
        endpoint.stop();
        connections.close();
        let drained = async {
            connections.wait().await;
            endpoint.drained().await;
        };
        if tokio::time::timeout(grace, drained).await.is_err() {
            tracing::warn!(open = connections.len(), "the grace of the shutdown is over: connections are cut");
            endpoint.cut();
            // What still ran is told so, on its stream and in its log.
            let told = async {
                endpoint.drained().await;
                connections.wait().await;
            };
            drop(tokio::time::timeout(LAST_WORDS, told).await);
            cut.cancel();
            connections.wait().await;
        }
    }
}

/// A connection that was accepted; an error of one client must not end the loop for the others.
async fn ready(accepted: std::io::Result<(TcpStream, SocketAddr)>) -> Option<TcpStream> {
    match accepted {
        Ok((stream, _)) => {
            if let Err(error) = stream.set_nodelay(true) {
                tracing::debug!(%error, "TCP_NODELAY could not be set");
            }
            Some(stream)
        }
        Err(error) => {
            tracing::warn!(%error, "a connection could not be accepted");
            // Out of descriptors: without a pause the loop would spin until one is free.
            tokio::time::sleep(Duration::from_millis(50)).await;
            None
        }
    }
}
