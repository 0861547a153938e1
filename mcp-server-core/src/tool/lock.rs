//! Locks: one call at a time does something, on all replicas.

use std::future::{Future, IntoFuture};
use std::pin::Pin;
use std::time::Duration;

use tokio::time::Instant;

use super::context::Context;
use super::error::{ToolError, ToolResult};
use crate::background::BoundedTasks;
use crate::store::seal::hash_id;
use crate::store::{Expect, Put, Store, StoreError, Version};

/// Tasks that release the lease of a lock.
static RELEASES: BoundedTasks = BoundedTasks::new("lock_release", 16_384);
/// Tasks that try to take a lock.
static ATTEMPTS: BoundedTasks = BoundedTasks::new("lock_attempt", 16_384);

/// How long a lock is held at most, unless it is said.
const HOLD: Duration = Duration::from_secs(30);
/// How often a waiting call looks by itself: whoever died tells nobody.
const LOOK: Duration = Duration::from_millis(500);
/// The longest time for which a lock is held without being extended.
const LONGEST: Duration = Duration::from_hours(24);
/// What a call keeps of its time to say that it waited in vain.
const LAST_WORDS: Duration = Duration::from_millis(100);

/// A lock that is asked for; await it for the [`Lock`].
#[derive(Debug)]
#[must_use = "a lock is taken when it is awaited"]
pub struct LockRequest {
    context: Context,
    name: String,
    wait: Option<Duration>,
    hold: Duration,
}

/// A lock that is held; dropping it lets the next call in.
///
/// It is a lease: it ends when its time is over, whether or not its holder is done, so that a process that died keeps
/// nobody out for longer. Whoever may be slow asks [`check`](Self::check) right before what must not be done twice.
#[derive(Debug)]
pub struct Lock {
    store: Store,
    key: String,
    version: Version,
    until: Instant,
}

impl Context {
    /// Asks for the lock of a name, which calls on all replicas and of all callers share.
    ///
    /// It waits for its turn until the call's own deadline, and holds for at most 30 s, unless
    /// [`wait`](LockRequest::wait) and [`hold`](LockRequest::hold) say otherwise. Those who wait are woken when it is
    /// free, in no order. It is not re-entrant: a call that asks for a lock it holds waits in vain.
    ///
    /// ```
    /// use std::time::Duration;
    /// use mcp_server_core::prelude::*;
    ///
    /// /// Number the next invoice.
    /// #[tool]
    /// async fn number_invoice(context: Context, customer: u32) -> ToolResult<Receipt> {
    ///     let lock = context.lock(format!("invoices/{customer}")).wait(Duration::from_secs(5)).await?;
    ///     // … read the last number …
    ///     lock.check().await?;
    ///     // … write the next one …
    ///     Ok(Receipt::confirmed("numbered"))
    /// }
    /// ```
    ///
    /// # Errors
    /// `overloaded` if it is not free in time, with how long was waited, or that the store cannot be reached.
    pub fn lock(&self, name: impl Into<String>) -> LockRequest {
        LockRequest { context: self.clone(), name: name.into(), wait: None, hold: HOLD }
    }
}

impl LockRequest {
    /// How long to wait at most; never beyond the call's own deadline.
    pub fn wait(mut self, wait: Duration) -> Self {
        self.wait = Some(wait);
        self
    }

    /// How long to hold it at most: up to 24 h, to which longer times are cut. A lock is a lease, and its process may die.
    pub fn hold(mut self, hold: Duration) -> Self {
        self.hold = hold.min(LONGEST);
        self
    }

    async fn take(self) -> ToolResult<Lock> {
        let store = self.context.shared().surroundings.store();
        let key = format!("lock/{}", hash_id(&self.name));
        if let Some(lock) = attempt(store, &key, self.hold).await? {
            return Ok(lock);
        }
        let began = Instant::now();
        let left = self.context.remaining().saturating_sub(LAST_WORDS);
        let wait = self.wait.map_or(left, |wait| wait.min(left));
        let waited = tokio::time::timeout(wait, async {
            let mut freed = store.subscribe(&key, 1).await?;
            loop {
                if let Some(lock) = attempt(store, &key, self.hold).await? {
                    return Ok::<_, StoreError>(lock);
                }
                // Woken, or not and looking anyway: both try again.
                drop(tokio::time::timeout(LOOK, freed.recv()).await);
            }
        });
        match waited.await {
            Ok(taken) => Ok(taken?),
            Err(_) => Err(ToolError::overloaded(format!(
                "another call works on the same thing and did not end within {} ms",
                began.elapsed().as_millis()
            ))
            .retry_after(Duration::from_secs(1))
            .cause(format!("the lock `{}` is held", self.name))),
        }
    }
}

/// Takes the lock if it is free. In a task of its own, for a put that is given up may yet be done: then the lock is
/// dropped there and free again. At the limit of such tasks it counts as held: whoever waits tries again.
async fn attempt(store: &Store, key: &str, hold: Duration) -> Result<Option<Lock>, StoreError> {
    let (store, key) = (store.clone(), key.to_owned());
    let attempt = ATTEMPTS.spawn(async move {
        let until = Instant::now() + hold;
        Ok(match store.put(&key, "", Expect::Absent, Some(hold)).await? {
            Put::Stored(version) => Some(Lock { store, key, version, until }),
            Put::Refused(_) => None,
        })
    });
    match attempt {
        Some(taken) => taken.await.unwrap_or(Ok(None)),
        None => Ok(None),
    }
}

impl IntoFuture for LockRequest {
    type Output = ToolResult<Lock>;
    type IntoFuture = Pin<Box<dyn Future<Output = ToolResult<Lock>> + Send>>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(self.take())
    }
}

impl Lock {
    /// When its time is over.
    #[cfg(test)]
    pub(crate) fn until(&self) -> Instant {
        self.until
    }

    /// Whether the store still says that it is held.
    ///
    /// # Errors
    /// That the store cannot be reached: then nothing is known.
    pub async fn is_held(&self) -> ToolResult<bool> {
        if Instant::now() >= self.until {
            return Ok(false);
        }
        Ok(self.store.get(&self.key).await?.is_some_and(|entry| entry.version == self.version))
    }

    /// Goes on only while it is held.
    ///
    /// # Errors
    /// `conflict` if its time is over, or that the store cannot be reached.
    pub async fn check(&self) -> ToolResult<()> {
        if self.is_held().await? {
            return Ok(());
        }
        Err(ToolError::conflict("this call took too long and lost its turn; another one may have come in between"))
    }

    /// Holds it for a time from now: up to 24 h, to which longer times are cut.
    ///
    /// # Errors
    /// `conflict` if its time is over, or that the store cannot be reached.
    pub async fn extend(&mut self, hold: Duration) -> ToolResult<()> {
        let hold = hold.min(LONGEST);
        let until = Instant::now() + hold;
        match self.store.put(&self.key, "", Expect::Version(self.version), Some(hold)).await? {
            Put::Stored(version) => {
                (self.version, self.until) = (version, until);
                Ok(())
            }
            Put::Refused(_) => self.check().await,
        }
    }
}

impl Drop for Lock {
    fn drop(&mut self) {
        let (store, key, version) = (self.store.clone(), std::mem::take(&mut self.key), self.version);
        // Without a runtime the process ends, and the lease with it.
        RELEASES.spawn(async move {
            // What fails here ends by itself when its time is over.
            if store.delete(&key, Some(version)).await.unwrap_or(false) {
                drop(store.publish(&key, "").await);
            }
        });
    }
}
