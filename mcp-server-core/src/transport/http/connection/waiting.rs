//! Connections that were accepted and have no place yet.

use std::collections::VecDeque;
use std::net::IpAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use tokio::net::TcpStream;
use tokio::time::Instant;

/// Connections that wait at most.
pub(super) const MAX_WAITING: usize = 256;

/// The queue of connections without a place, the oldest first.
#[derive(Debug)]
pub(super) struct Waiting {
    queue: VecDeque<Newcomer>,
    /// Its length, for whoever measures.
    length: Arc<AtomicUsize>,
    within: Duration,
}

/// A connection without a place.
#[derive(Debug)]
pub(super) struct Newcomer {
    pub(super) stream: TcpStream,
    pub(super) address: IpAddr,
    until: Instant,
}

impl Waiting {
    /// An empty queue in which each waits for this long at most.
    pub(super) fn new(within: Duration, length: Arc<AtomicUsize>) -> Self {
        Self { queue: VecDeque::new(), length, within }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.queue.is_empty()
    }

    /// Adds a connection.
    ///
    /// # Errors
    /// The connection, if too many wait.
    pub(super) fn add(&mut self, stream: TcpStream, address: IpAddr) -> Result<(), TcpStream> {
        if self.queue.len() >= MAX_WAITING {
            return Err(stream);
        }
        self.queue.push_back(Newcomer { stream, address, until: Instant::now() + self.within });
        self.count();
        Ok(())
    }

    /// Takes the oldest.
    pub(super) fn pop(&mut self) -> Option<Newcomer> {
        let first = self.queue.pop_front();
        self.count();
        first
    }

    /// Puts the oldest back.
    pub(super) fn put_back(&mut self, newcomer: Newcomer) {
        self.queue.push_front(newcomer);
        self.count();
    }

    /// Takes the oldest if it has waited for too long.
    pub(super) fn expired(&mut self) -> Option<Newcomer> {
        self.queue.front().is_some_and(|first| first.until <= Instant::now()).then(|| self.pop()).flatten()
    }

    fn count(&self) {
        self.length.store(self.queue.len(), Ordering::Relaxed);
    }
}

impl Drop for Waiting {
    fn drop(&mut self) {
        self.length.store(0, Ordering::Relaxed);
    }
}
