//! Places for queries: so many at once, and of each caller no more than a share of them.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use mcp_server_core::tool::ErrorKind;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::{Instant, timeout_at};

use crate::fault::Fault;

/// The places.
#[derive(Debug)]
pub(super) struct Shares {
    all: Arc<Semaphore>,
    total: usize,
    each: usize,
    callers: Mutex<HashMap<String, Arc<Semaphore>>>,
}

/// A place, until it is dropped.
#[derive(Debug)]
pub(super) struct Permit {
    _own: OwnedSemaphorePermit,
    _all: OwnedSemaphorePermit,
}

impl Shares {
    /// So many places, of which a caller may have `each`.
    pub(super) fn new(total: usize, each: usize) -> Self {
        Self { all: Arc::new(Semaphore::new(total)), total, each, callers: Mutex::default() }
    }

    /// Waits for a place.
    ///
    /// # Errors
    /// `overloaded`, saying whether the caller's own queries or all of them hold the places.
    pub(super) async fn acquire(&self, caller: &str, wait: Duration) -> Result<Permit, Fault> {
        let until = Instant::now() + wait;
        let Ok(Ok(own)) = timeout_at(until, self.of(caller).acquire_owned()).await else {
            let (each, total) = (self.each, self.total);
            return Err(Fault::new(
                ErrorKind::Overloaded,
                format!("{each} queries of yours are running, which is your share of {total} database connections"),
            )
            .advice("Wait for one of them to end, then call again. Run fewer queries at once.")
            .wait(wait));
        };
        match timeout_at(until, Arc::clone(&self.all).acquire_owned()).await {
            Ok(Ok(all)) => Ok(Permit { _own: own, _all: all }),
            _ => Err(Fault::new(ErrorKind::Overloaded, "all database connections are busy").wait(wait)),
        }
    }

    fn of(&self, caller: &str) -> Arc<Semaphore> {
        let mut callers = self.callers.lock().unwrap_or_else(PoisonError::into_inner);
        // Those who hold or await nothing need not be remembered.
        callers.retain(|_, places| Arc::strong_count(places) > 1);
        Arc::clone(callers.entry(caller.to_owned()).or_insert_with(|| Arc::new(Semaphore::new(self.each))))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_caller_leaves_places_to_others() {
        let shares = Shares::new(3, 2);
        let wait = Duration::from_secs(2);
        let held = [shares.acquire("a", wait).await.unwrap(), shares.acquire("a", wait).await.unwrap()];
        let refused = shares.acquire("a", wait).await.unwrap_err();
        assert!(refused.message.contains("your share of 3"), "{refused:?}");
        let other = shares.acquire("b", wait).await.unwrap();
        let refused = shares.acquire("b", wait).await.unwrap_err();
        assert_eq!(
            (refused.kind, refused.message.as_str()),
            (ErrorKind::Overloaded, "all database connections are busy")
        );
        drop((held, other));
        assert!(shares.acquire("c", wait).await.is_ok());
        assert_eq!(shares.callers.lock().unwrap().len(), 1, "callers without a query are forgotten");
    }
}
