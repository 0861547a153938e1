//! The bounded pool for functions that block.

use std::future::Future;
use std::sync::Arc;
use std::time::Instant;

use tokio::sync::Semaphore;

use super::stuck::{self, Stuck};
use crate::guard::permits::{Permit, Permits};
use crate::telemetry::Scope;
use crate::tool::ToolError;

/// Threads for blocking functions: so many run, so many wait, the rest is turned away.
#[derive(Debug)]
pub(crate) struct Blocking {
    threads: Arc<Semaphore>,
    places: Arc<Permits>,
    stuck: Arc<Stuck>,
}

/// A place in the queue.
#[derive(Debug)]
pub(crate) struct Place {
    threads: Arc<Semaphore>,
    permit: Permit,
    stuck: Arc<Stuck>,
}

impl Blocking {
    pub(crate) fn new(threads: u32, queue: u32) -> Self {
        Self {
            threads: Arc::new(Semaphore::new(threads as usize)),
            places: Permits::new(threads.saturating_add(queue)),
            stuck: Arc::default(),
        }
    }

    /// The threads that nobody waits for any more.
    pub(crate) fn stuck(&self) -> &Stuck {
        &self.stuck
    }

    /// Takes a place, if there is one.
    ///
    /// # Errors
    /// `overloaded` if threads and queue are full.
    pub(crate) fn enter(&self) -> Result<Place, ToolError> {
        let permit = self.places.take().ok_or_else(|| {
            ToolError::overloaded(format!("{} blocking calls run or wait already", self.places.most()))
        })?;
        Ok(Place { threads: Arc::clone(&self.threads), permit, stuck: Arc::clone(&self.stuck) })
    }
}

impl Place {
    /// Waits for a thread and runs the function on it. A thread keeps its place until the function returns, even if
    /// nobody waits any more: it cannot be stopped from outside, so it must go on being counted.
    pub(crate) fn run<R: Send + 'static>(
        self,
        scope: Scope,
        run: impl FnOnce() -> R + Send + 'static,
    ) -> impl Future<Output = R> {
        let Self { threads, permit, stuck } = self;
        let since = Instant::now();
        async move {
            let Ok(thread) = threads.acquire_owned().await else { return std::future::pending().await };
            if let (Some(meters), Some(tool)) = (scope.telemetry().meters(), scope.name()) {
                meters.queued(tool, since.elapsed());
            }
            let (_wanted, runs) = stuck::start(&stuck, scope.name().unwrap_or_default());
            let ran = tokio::task::spawn_blocking(move || {
                let _held = (thread, permit, runs);
                let _entered = scope.enter();
                run()
            });
            match ran.await {
                Ok(value) => value,
                Err(error) => match error.try_into_panic() {
                    Ok(panic) => std::panic::resume_unwind(panic),
                    Err(_) => std::future::pending().await,
                },
            }
        }
    }
}
