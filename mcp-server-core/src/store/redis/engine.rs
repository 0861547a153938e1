//! The engine itself: a connection for commands, a connection for messages.

use std::fmt;
use std::sync::Arc;

use super::fault::{ENGINE, at_open, unavailable};
use super::health;
use super::link::Link;
use super::listener::Listener;
use super::names::Names;
use super::place::Place;
use super::scripts::Scripts;
use super::wire::Wire;
use crate::store::engine::Engine;
use crate::store::error::StoreError;
use crate::store::reply::Reply;

/// The engine on a Redis server (7 or newer) or a Valkey server, which any number of replicas share.
///
/// Every operation is one command or one script on one key, and lives are counted by the server's clock. What was
/// confirmed is as safe as the server keeps it: set `appendonly yes`, and `appendfsync always` where not even the last
/// second may be lost with the power; set `maxmemory-policy noeviction`. A server that may forget is warned of in the log.
///
/// A reply takes five seconds at most, connecting included. After a break the engine connects again by itself; an
/// operation that was under way fails as unavailable and is not repeated, for it may have been done. Subscribers are told
/// [`Event::Missed`](crate::store::Event::Missed) once they listen again.
///
/// It speaks to one server: a primary, or whatever stands in front of several.
pub struct Redis {
    pub(super) link: Link,
    pub(super) listener: Listener,
    pub(super) names: Names,
    pub(super) scripts: Scripts,
    place: Arc<Place>,
}

impl Redis {
    /// Connects to the server that a URL names: `redis://[USER][:PASSWORD@]HOST[:PORT][/DATABASE][?prefix=NAME]`, or
    /// `rediss` for TLS; `valkey` and `valkeys` mean the same. Must be called within a Tokio runtime.
    ///
    /// All keys and channels begin with the prefix, `mcp` unless the URL says otherwise: several stores share a server by
    /// different prefixes or databases. TLS certificates are verified against the roots of the system, or those in the
    /// file that the environment variable `SSL_CERT_FILE` names.
    ///
    /// # Errors
    /// [`StoreError::Url`] for a URL that is not such. With the reason and the remedy: [`StoreError::Unreachable`] if the
    /// server is out of reach for now, or a replica; [`StoreError::Unusable`] for a wrong password, a version that is too
    /// old, a shard of a cluster. None of them shows the password.
    pub async fn open(url: &str) -> Result<Self, StoreError> {
        let place = Arc::new(Place::read(url)?);
        let fault = |error| at_open(&place, error);
        if place.is_tls() {
            // Without one the client would have to guess among all that are built in, and panics where it cannot. An
            // earlier choice stands.
            drop(rustls::crypto::aws_lc_rs::default_provider().install_default());
        }
        let mut wire = Wire::connect(&place, |_| {}).await.map_err(fault)?;
        health::check(&mut wire.connection, &place).await?;
        let names = Names::new(&place);
        let listener = Listener::start(Arc::clone(&place), names.clone()).await.map_err(fault)?;
        let link = Link::new(Arc::clone(&place), wire);
        Ok(Self { link, listener, names, scripts: Scripts::new(), place })
    }
}

impl Engine for Redis {
    fn name(&self) -> &'static str {
        ENGINE
    }

    fn ping(&self) -> Reply<'_, ()> {
        Box::pin(async {
            // A server that can only be read is of no use, and neither is one that is full.
            let probe = async |connection: &mut _| {
                let mut set = redis::cmd("SET");
                set.arg(self.names.probe()).arg("").arg("PX").arg(1_000).exec_async(connection).await
            };
            match self.link.send(probe).await {
                Ok(()) if self.listener.is_up() => Ok(()),
                Ok(()) => Err(unavailable("messages do not come in")),
                Err(error) => Err(error),
            }
        })
    }

    fn time(&self) -> Reply<'_, u64> {
        Box::pin(async {
            let ask = async |connection: &mut _| redis::cmd("TIME").query_async(connection).await;
            let (seconds, micros): (u64, u64) = self.link.send(ask).await?;
            Ok(seconds.saturating_mul(1_000).saturating_add(micros / 1_000))
        })
    }

    fn close(&self) -> Reply<'_, ()> {
        Box::pin(async {
            self.listener.close();
            self.link.close().await;
            Ok(())
        })
    }
}

impl fmt::Debug for Redis {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Redis").field("place", &self.place).finish_non_exhaustive()
    }
}
