//! The bounded pool for functions that block.

use std::future::Future;
use std::sync::Arc;

use tokio::sync::Semaphore;

use crate::guard::permits::{Permit, Permits};
use crate::tool::ToolError;

/// Threads for blocking functions: so many run, so many wait, the rest is turned away.
#[derive(Debug)]
pub(crate) struct Blocking {
    threads: Arc<Semaphore>,
    places: Arc<Permits>,
}

/// A place in the queue.
#[derive(Debug)]
pub(crate) struct Place {
    threads: Arc<Semaphore>,
    place: Permit,
}

impl Blocking {
    pub(crate) fn new(threads: u32, queue: u32) -> Self {
        Self {
            threads: Arc::new(Semaphore::new(threads as usize)),
            places: Permits::new(threads.saturating_add(queue)),
        }
    }

    /// Takes a place, if there is one.
    ///
    /// # Errors
    /// `overloaded` if threads and queue are full.
    pub(crate) fn enter(&self) -> Result<Place, ToolError> {
        let place = self.places.take().ok_or_else(|| {
            ToolError::overloaded(format!("{} blocking calls run or wait already", self.places.most()))
        })?;
        Ok(Place { threads: Arc::clone(&self.threads), place })
    }
}

impl Place {
    /// Waits for a thread and runs the function on it. A thread keeps its place until the function returns, even if
    /// nobody waits any more: it cannot be stopped from outside, so it must go on being counted.
    pub(crate) fn run<R: Send + 'static>(self, run: impl FnOnce() -> R + Send + 'static) -> impl Future<Output = R> {
        let Self { threads, place } = self;
        async move {
            let Ok(thread) = threads.acquire_owned().await else { return std::future::pending().await };
            let ran = tokio::task::spawn_blocking(move || {
                let _held = (thread, place);
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
