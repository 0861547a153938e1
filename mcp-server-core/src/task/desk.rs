//! The desk: the tasks that this process works on, and how that ends.

use std::sync::Arc;
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
