//! What connections of a listener may do, and whether the server is about to end.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use super::automatic::Explain;

/// What connections of a listener may do.
#[derive(Clone, Debug)]
pub(crate) struct ConnectionLimits {
    /// Connections at most.
    pub(crate) max: usize,
    /// Connections of one peer at most.
    pub(crate) max_per_peer: usize,
    /// The time for a request head to arrive.
    pub(crate) header_timeout: Duration,
    /// The time between two requests.
    pub(crate) idle_timeout: Duration,
    /// The time in which a client has to take some bytes.
    pub(crate) write_timeout: Duration,
    /// The time for which a refused client is drained.
    pub(crate) linger: Duration,
    /// Whether a connection serves more than one request.
    pub(crate) keep_alive: bool,
    /// Whether HTTP/2 is served.
    pub(crate) http2: bool,
    /// What explains a status that answers no request of a handler.
    pub(crate) explain: Option<Explain>,
    /// Whether the server is about to end.
    pub(crate) draining: Draining,
}

/// Whether the server is about to end: each answer is then the last one of its connection.
#[derive(Clone, Debug, Default)]
pub(crate) struct Draining(Arc<AtomicBool>);

impl Draining {
    /// The server is about to end.
    pub(crate) fn set(&self) {
        self.0.store(true, Ordering::Release);
    }

    pub(crate) fn is_set(&self) -> bool {
        self.0.load(Ordering::Acquire)
    }
}
