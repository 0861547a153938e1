//! Failed credentials: whoever guesses is slowed down, by the address that the guesses come from.

use std::collections::HashMap;
use std::hash::{BuildHasher as _, RandomState};
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

use crate::peer::Peer;

/// Failures of one peer that cost nothing.
const BURST: f64 = 30.0;
/// Failures a second after that.
const RATE: f64 = 1.0;
/// Failures that are held against a peer at most: it is let in again after so many seconds more.
const DEEPEST: f64 = -30.0;
/// Peers that are remembered at most.
const MAX_PEERS: usize = 4096;
/// Accepted tokens that are remembered, by a hash.
const ACCEPTED: usize = 1024;

/// Counts failed credentials for each peer. A peer that fails too often is not listened to for a while; tokens that were
/// accepted before are, from whatever peer, as many clients may share an address.
#[derive(Debug)]
pub(crate) struct Attempts {
    hasher: RandomState,
    accepted: Box<[AtomicU64]>,
    failed: Mutex<HashMap<Peer, Bucket>>,
    /// How many peers are remembered: with none, nothing is looked up.
    peers: AtomicUsize,
}

#[derive(Clone, Copy, Debug)]
struct Bucket {
    left: f64,
    at: Instant,
}

impl Default for Attempts {
    fn default() -> Self {
        Self {
            hasher: RandomState::new(),
            accepted: (0..ACCEPTED).map(|_| AtomicU64::new(0)).collect(),
            failed: Mutex::default(),
            peers: AtomicUsize::new(0),
        }
    }
}

impl Attempts {
    /// Whether a token from a peer should be verified.
    ///
    /// # Errors
    /// The time after which it should.
    pub(crate) fn permit(&self, peer: Peer, token: &str) -> Result<(), Duration> {
        if self.peers.load(Ordering::Relaxed) == 0 {
            return Ok(());
        }
        let mut failed = self.lock();
        let Some(bucket) = failed.get_mut(&peer) else { return Ok(()) };
        bucket.refill(Instant::now());
        let missing = 1.0 - bucket.left;
        drop(failed);
        if missing <= 0.0 || self.is_accepted(token) {
            return Ok(());
        }
        Err(Duration::from_secs_f64(missing / RATE))
    }

    /// A token was accepted.
    pub(crate) fn accept(&self, token: &str) {
        let (slot, hash) = self.slot(token);
        // Written only where it changes, so that the callers of one token share the memory.
        if let Some(slot) = slot.filter(|slot| slot.load(Ordering::Relaxed) != hash) {
            slot.store(hash, Ordering::Relaxed);
        }
    }

    /// A token from a peer was not accepted.
    pub(crate) fn fail(&self, peer: Peer) {
        let now = Instant::now();
        let mut failed = self.lock();
        if failed.len() >= MAX_PEERS && !failed.contains_key(&peer) {
            failed.retain(|_, bucket| {
                bucket.refill(now);
                bucket.left < BURST
            });
            // All of them are guessing: one is forgotten.
            if let Some(any) = failed.keys().next().copied().filter(|_| failed.len() >= MAX_PEERS) {
                failed.remove(&any);
            }
        }
        let bucket = failed.entry(peer).or_insert(Bucket { left: BURST, at: now });
        bucket.refill(now);
        bucket.left = (bucket.left - 1.0).max(DEEPEST);
        self.peers.store(failed.len(), Ordering::Relaxed);
    }

    fn is_accepted(&self, token: &str) -> bool {
        let (slot, hash) = self.slot(token);
        slot.is_some_and(|slot| slot.load(Ordering::Relaxed) == hash)
    }

    fn slot(&self, token: &str) -> (Option<&AtomicU64>, u64) {
        // An empty slot is 0.
        let hash = self.hasher.hash_one(token) | 1;
        let index = usize::try_from(hash >> 32).unwrap_or_default() % ACCEPTED;
        (self.accepted.get(index), hash)
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<Peer, Bucket>> {
        self.failed.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Bucket {
    fn refill(&mut self, now: Instant) {
        let passed = now.saturating_duration_since(self.at).as_secs_f64();
        self.left = (self.left + passed * RATE).min(BURST);
        self.at = now;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn peer(number: u32) -> Peer {
        Peer::new(std::net::Ipv4Addr::from_bits(number).into())
    }

    #[tokio::test(start_paused = true)]
    async fn a_peer_that_guesses_is_slowed_down_alone() {
        let attempts = Attempts::default();
        attempts.accept("known");
        for _ in 0..30 {
            assert_eq!(attempts.permit(peer(1), "guess"), Ok(()));
            attempts.fail(peer(1));
        }
        assert!(attempts.permit(peer(1), "guess").is_err());
        assert_eq!(attempts.permit(peer(1), "known"), Ok(()), "it was accepted before");
        assert_eq!(attempts.permit(peer(2), "guess"), Ok(()));
        tokio::time::advance(Duration::from_secs(1)).await;
        assert_eq!(attempts.permit(peer(1), "guess"), Ok(()), "one guess a second");
        attempts.fail(peer(1));
        assert!(attempts.permit(peer(1), "guess").is_err());
    }

    #[tokio::test(start_paused = true)]
    async fn what_is_remembered_is_bounded() {
        let attempts = Attempts::default();
        for number in 0..100_000 {
            attempts.fail(peer(number));
        }
        assert!(attempts.lock().len() <= MAX_PEERS);
    }
}
