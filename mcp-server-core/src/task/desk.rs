//! The desk: the tasks that this process works on, and how that ends.

use std::sync::Arc;
use std::time::Duration;

use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::board::Board;
use super::index::Index;
use super::limits::TaskLimits;
use super::roster::{OnRoster, Roster, Working};
use crate::store::{Replica, Store, StoreError};

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
    pub(crate) async fn enter(&self, key: &str) -> Result<(), StoreError> {
        self.index.add(key).await
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
        if tokio::time::timeout(grace, self.running.wait()).await.is_ok() {
            return;
        }
        self.stop.cancel();
        // A store that is away holds nobody up for long: another replica finds what was left.
        if tokio::time::timeout(Duration::from_secs(1), self.running.wait()).await.is_err() {
            tracing::warn!(tasks = self.running.len(), "tasks were left to be found by other replicas");
        }
    }

    /// The tasks of replicas that died, with who worked on them: to be taken over.
    ///
    /// # Errors
    /// What the store says.
    pub(crate) async fn orphans(&self) -> Result<Vec<(String, Vec<String>)>, StoreError> {
        let workers = self.index.workers().await?;
        self.index.repair(&workers).await?;
        let mut orphans = Vec::new();
        for worker in workers {
            if worker != self.replica.id() && self.replica.is_lost(&worker).await? {
                let tasks = self.index.tasks_of(&worker).await?;
                orphans.push((worker, tasks));
            }
        }
        Ok(orphans)
    }

    /// Strikes a replica off that died, once its tasks are seen to.
    ///
    /// # Errors
    /// What the store says.
    pub(crate) async fn strike(&self, worker: &str) -> Result<(), StoreError> {
        self.index.strike(worker).await
    }
}
