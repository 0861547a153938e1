//! The connection for commands, made again when it is gone.

use std::sync::Arc;
use std::time::Duration;

use redis::aio::MultiplexedConnection;
use redis::{RedisError, RedisResult};
use tokio::sync::Mutex;
use tokio::time::Instant;

use super::fault::{in_use, unavailable};
use super::place::Place;
use super::wire::{Wire, pause};
use crate::store::error::StoreError;

/// The longest that an operation takes: a connection is made, and a script is sent again that the server has forgotten.
const LIMIT: Duration = Duration::from_secs(5);

/// The connection for commands.
///
/// A command that was under way when the connection broke fails, for nobody knows whether it was done; it is not sent
/// again. The next one finds out at once that a new connection is needed, and makes it.
#[derive(Debug)]
pub(super) struct Link {
    place: Arc<Place>,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    wire: Option<Wire>,
    /// How often in a row connecting has failed, and when it may be tried again.
    failures: u32,
    not_before: Option<Instant>,
    last: Option<RedisError>,
    closed: bool,
}

impl Link {
    /// A link that begins with this connection.
    pub(super) fn new(place: Arc<Place>, wire: Wire) -> Self {
        Self { place, state: Mutex::new(State { wire: Some(wire), ..State::default() }) }
    }

    /// Sends commands and waits for the answer, no longer than the limit.
    pub(super) async fn send<T>(
        &self,
        commands: impl AsyncFnOnce(&mut MultiplexedConnection) -> RedisResult<T>,
    ) -> Result<T, StoreError> {
        let work = async {
            let mut wire = self.wire().await?;
            commands(&mut wire.connection).await.map_err(|error| {
                wire.judge(&error);
                in_use(error)
            })
        };
        // Waiting for those who wait for a connection has no limit of its own.
        tokio::time::timeout(LIMIT, work).await.unwrap_or_else(|late| Err(unavailable(late)))
    }

    /// The connection, a new one if needed. While one is made the others wait for it; soon after a failure nobody tries.
    async fn wire(&self) -> Result<Wire, StoreError> {
        let mut state = self.state.lock().await;
        if state.closed {
            return Err(unavailable("it was closed"));
        }
        if let Some(wire) = state.wire.as_ref().filter(|wire| !wire.gone.is_cancelled()) {
            return Ok(wire.clone());
        }
        state.wire = None;
        if state.not_before.is_some_and(|time| Instant::now() < time) {
            return Err(state.last.clone().map_or_else(|| unavailable("it was lost a moment ago"), unavailable));
        }
        match Wire::connect(&self.place, |_| {}).await {
            Ok(wire) => {
                *state = State { wire: Some(wire.clone()), ..State::default() };
                Ok(wire)
            }
            Err(error) => {
                state.not_before = Some(Instant::now() + pause(state.failures));
                state.failures += 1;
                state.last = Some(error.clone());
                Err(unavailable(error))
            }
        }
    }

    /// Gives up the connection, and makes no other.
    pub(super) async fn close(&self) {
        *self.state.lock().await = State { closed: true, ..State::default() };
    }
}
