//! The desk: the tasks that this process works on, and how that ends.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::board::Board;
use super::index::{Index, Orphans};
use super::limits::TaskLimits;
use super::roster::{OnRoster, Roster, Working};
use crate::store::{Replica, Store, StoreError};

/// How long the store is waited for at the end of the process.
const LAST: Duration = Duration::from_secs(1);

/// The tasks of this process.
#[derive(Debug)]
pub(crate) struct Desk {
    board: Board,
    index: Index,
    replica: Arc<Replica>,
    roster: Roster,
    running: TaskTracker,
    stop: CancellationToken,
    doubts: Mutex<HashMap<String, Doubt>>,
}

/// A claim of this process whose outcome is not known: it may be made, or still on its way.
#[derive(Clone, Debug)]
pub(crate) struct Doubt {
    /// From whom the task was claimed.
    pub(crate) worker: String,
    /// When the task expires.
    pub(crate) expires: u64,
}

impl Desk {
    pub(crate) fn new(store: Store, replica: Arc<Replica>, limits: TaskLimits) -> Self {
        Self {
            board: Board::new(store.clone(), limits),
            index: Index::new(store, Arc::clone(&replica)),
            replica,
            roster: Roster::default(),
            running: TaskTracker::new(),
            stop: CancellationToken::new(),
            doubts: Mutex::default(),
        }
    }

    /// The tasks of the server.
    pub(crate) fn board(&self) -> &Board {
        &self.board
    }

    /// This replica.
    pub(crate) fn replica(&self) -> &Replica {
        &self.replica
    }

    /// Says that this process is to work on a task, before the task says so.
    ///
    /// # Errors
    /// What the store says.
    pub(crate) async fn enter(&self, key: &str, expires: u64) -> Result<(), StoreError> {
        self.index.add(key, expires).await
    }

    /// Says that this process works on a task no more.
    pub(crate) fn leave(&self, key: &str) {
        self.index.remove(key);
    }

    /// Puts a task on the roster while this process works on it.
    pub(crate) fn sign_in(&self, key: &str, tool: &'static str) -> OnRoster {
        self.roster.enter(key, tool)
    }

    /// The tasks that this process works on now, the longest first.
    pub(crate) fn in_work(&self) -> Vec<Working> {
        self.roster.all()
    }

    /// Has a claim whose outcome is not known looked at again, whoever forgets the page that named the task meanwhile.
    pub(crate) fn doubt(&self, key: &str, doubt: Doubt) {
        self.in_doubt().insert(key.to_owned(), doubt);
    }

    /// The claims whose outcome is not known, by the keys of their tasks.
    pub(crate) fn doubts(&self) -> Vec<(String, Doubt)> {
        self.in_doubt().iter().map(|(key, doubt)| (key.clone(), doubt.clone())).collect()
    }

    /// Looks no more at a claim: its task is in work here, or is no matter of this process.
    pub(crate) fn settled(&self, key: &str) {
        self.in_doubt().remove(key);
        if !self.is_in_work(key) {
            self.leave(key);
        }
    }

    fn in_doubt(&self) -> MutexGuard<'_, HashMap<String, Doubt>> {
        self.doubts.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether this process works on a task now.
    pub(crate) fn is_in_work(&self, key: &str) -> bool {
        self.roster.has(key)
    }

    /// Runs something that the end of the process waits for.
    pub(crate) fn spawn<R: Send + 'static>(
        &self,
        work: impl Future<Output = R> + Send + 'static,
    ) -> tokio::task::JoinHandle<R> {
        self.running.spawn(work)
    }

    /// How many of the things that run here the end of the process waits for.
    pub(crate) fn working(&self) -> usize {
        self.running.len()
    }

    /// Waits until the process is to stop working.
    pub(crate) async fn stopped(&self) {
        self.stop.cancelled().await;
    }

    /// Whether the process is to stop working.
    pub(crate) fn is_stopping(&self) -> bool {
        self.stop.is_cancelled()
    }

    /// Lets running tasks finish for a time, then has them handed over or ended, and waits for that.
    pub(crate) async fn close(&self, grace: Duration) {
        self.running.close();
        if tokio::time::timeout(grace, self.running.wait()).await.is_err() {
            self.stop.cancel();
            // A store that is away holds nobody up for long: another replica finds what was left.
            if tokio::time::timeout(LAST, self.running.wait()).await.is_err() {
                tracing::warn!(tasks = self.running.len(), "tasks were left to be found by other replicas");
            }
        }
        if let Ok(Err(error)) = tokio::time::timeout(LAST, self.index.close()).await {
            tracing::debug!(%error, "the list of the tasks of this replica is left to the others");
        }
    }

    /// The tasks of replicas that died: to be taken over.
    ///
    /// # Errors
    /// What the store says.
    pub(crate) async fn orphans(&self) -> Result<Vec<Orphans>, StoreError> {
        let mut orphans = Vec::new();
        for listed in self.index.directory().await? {
            if listed.replica != self.replica.id() && self.replica.is_lost(&listed.replica).await? {
                orphans.extend(self.index.read(listed).await?);
            }
        }
        Ok(orphans)
    }

    /// Forgets the tasks of a replica that died, once all of them are taken care of.
    ///
    /// # Errors
    /// What the store says.
    pub(crate) async fn forget(&self, orphans: &Orphans) -> Result<(), StoreError> {
        self.index.remove_page(orphans).await
    }
}
