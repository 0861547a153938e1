//! Workers that wait for work: idle ones are used again, broken ones are replaced and counted.

use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use mcp_server_core::tool::ErrorKind;

use super::process::Worker;
use super::protocol::{Request, Response};
use crate::fault::{Fault, WorkerState, timed_out};
use crate::opening::{Opened, Opening};

/// How much longer than its limit a request may take before its worker is given up.
pub(super) const LATE: Duration = Duration::from_millis(600);

/// Workers for one kind of request.
#[derive(Debug)]
pub(super) struct Lane {
    program: PathBuf,
    opening: Opening,
    idle: Mutex<Vec<Worker>>,
    replaced: AtomicU64,
}

/// How the workers are.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// The process numbers of workers without work.
    pub idle: Vec<u32>,
    /// How many workers were ended because they did not answer, or died.
    pub replaced: u64,
}

/// A worker at work. Dropped before it answered, it is killed, and the query with it.
#[derive(Debug)]
struct Lent {
    lane: Arc<Lane>,
    worker: Option<Worker>,
    answered: bool,
}

impl Lane {
    pub(super) fn new(program: PathBuf, opening: Opening) -> Arc<Self> {
        Arc::new(Self { program, opening, idle: Mutex::default(), replaced: AtomicU64::new(0) })
    }

    /// Starts a worker that waits for work; what it found when it opened the database.
    pub(super) async fn open(&self) -> Result<Opened, Fault> {
        let (worker, opened) = Worker::start(&self.program, &self.opening).await?;
        self.idle().push(worker);
        Ok(opened)
    }

    /// Has a worker answer a request that may take so long.
    pub(super) async fn ask(self: &Arc<Self>, request: &Request, limit: Duration) -> Result<Response, Fault> {
        for _ in 0..2 {
            let waiting = self.idle().pop();
            let reused = waiting.is_some();
            let worker = match waiting {
                Some(worker) => worker,
                None => Worker::start(&self.program, &self.opening).await?.0,
            };
            let mut lent = Lent { lane: Arc::clone(self), worker: Some(worker), answered: false };
            match lent.ask(request, limit).await {
                // A connection that broke while nobody used it says nothing about the database now.
                Err(fault) if fault.worker == WorkerState::Stale && reused => self.idle().clear(),
                answered => return answered,
            }
        }
        Err(Fault::new(ErrorKind::UpstreamUnavailable, "the connection to the database breaks again and again"))
    }

    pub(super) fn counts(&self) -> Counts {
        let idle = self.idle().iter().filter_map(Worker::id).collect();
        Counts { idle, replaced: self.replaced.load(Ordering::Relaxed) }
    }

    fn idle(&self) -> std::sync::MutexGuard<'_, Vec<Worker>> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Lent {
    async fn ask(&mut self, request: &Request, limit: Duration) -> Result<Response, Fault> {
        let Some(worker) = &mut self.worker else { return Err(Fault::new(ErrorKind::Internal, "there is no worker")) };
        let answer = tokio::time::timeout(limit + LATE, worker.ask(request)).await;
        let answer = answer.unwrap_or_else(|_| Err(timed_out(limit).retired()));
        self.answered = match &answer {
            Ok(_) => true,
            Err(fault) if fault.worker == WorkerState::Stale => {
                // It ends by itself, and was of no use to anybody.
                self.worker = None;
                false
            }
            Err(fault) => fault.worker == WorkerState::Usable,
        };
        answer
    }
}

impl Drop for Lent {
    fn drop(&mut self) {
        let Some(worker) = self.worker.take() else { return };
        if self.answered {
            self.lane.idle().push(worker);
            return;
        }
        let replaced = self.lane.replaced.fetch_add(1, Ordering::Relaxed) + 1;
        tracing::warn!(worker = worker.id(), replaced, "a query worker was ended and will be replaced");
        // Dropping the handle kills the process.
        drop(worker);
    }
}
