//! The bounded pool for functions that block.

use std::future::Future;
use std::sync::Arc;
use std::time::Instant;

use tokio::sync::Semaphore;

use super::stuck::{self, Stuck};
use crate::background;
use crate::guard::permits::{Permit, Permits};
use crate::guard::shares::Shares;
use crate::telemetry::{Capacity, Scope};
use crate::tool::ToolError;

/// How many blocking functions run and wait.
#[derive(Clone, Copy, Debug)]
pub(crate) struct BlockingLimits {
    /// Threads.
    pub(crate) threads: u32,
    /// Calls that wait for one.
    pub(crate) queue: u32,
    /// Threads that one caller uses.
    pub(crate) threads_per_principal: u32,
    /// Calls of one caller that wait.
    pub(crate) queue_per_principal: u32,
}

/// Threads for blocking functions: so many run, so many wait, the rest is turned away. Each caller has a share of both.
#[derive(Debug)]
pub(crate) struct Blocking {
    limits: BlockingLimits,
    threads: Arc<Semaphore>,
    places: Arc<Permits>,
    shares: Shares<Share>,
    stuck: Arc<Stuck>,
}

/// What one caller has.
#[derive(Debug)]
struct Share {
    threads: Arc<Semaphore>,
    places: Arc<Permits>,
}

/// A place in the queue. Dropping it leaves the queue.
#[derive(Debug)]
pub(crate) struct Place {
    threads: Arc<Semaphore>,
    permit: Permit,
    share: Option<(Arc<Share>, Permit)>,
    stuck: Arc<Stuck>,
}

impl Blocking {
    pub(crate) fn new(limits: BlockingLimits) -> Self {
        Self {
            limits,
            threads: Arc::new(Semaphore::new(limits.threads as usize)),
            places: Permits::new(limits.threads.saturating_add(limits.queue)),
            shares: Shares::default(),
            stuck: Arc::default(),
        }
    }

    /// The threads that nobody waits for any more.
    pub(crate) fn stuck(&self) -> &Stuck {
        &self.stuck
    }

    /// How many calls run and wait, for the gauge.
    pub(crate) fn capacity(&self) -> Capacity {
        Capacity { used: self.places.taken() as usize, limit: self.places.most() as usize }
    }

    /// Takes a place for a caller, if there is one; for no caller in particular where there is only one.
    ///
    /// # Errors
    /// `overloaded` if the threads and the queue are full, or the caller's share of them.
    pub(crate) fn enter(&self, caller: Option<&str>) -> Result<Place, ToolError> {
        let share = caller.map(|caller| -> Result<(Arc<Share>, Permit), ToolError> {
            let share = self.shares.of(caller, || self.share());
            let permit = share.places.take().ok_or_else(|| {
                ToolError::overloaded(format!("{} of your blocking calls run or wait already", share.places.most()))
            })?;
            Ok((share, permit))
        });
        let share = share.transpose()?;
        let permit = self.places.take().ok_or_else(|| {
            ToolError::overloaded(format!("{} blocking calls run or wait already", self.places.most()))
        })?;
        Ok(Place { threads: Arc::clone(&self.threads), permit, share, stuck: Arc::clone(&self.stuck) })
    }

    fn share(&self) -> Share {
        let BlockingLimits { threads, threads_per_principal, queue_per_principal, .. } = self.limits;
        let own = threads.min(threads_per_principal);
        Share {
            threads: Arc::new(Semaphore::new(own as usize)),
            places: Permits::new(own.saturating_add(queue_per_principal)),
        }
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
        let Self { threads, permit, share, stuck } = self;
        let since = Instant::now();
        async move {
            // Of the caller's own threads first: who has none left leaves those of all to others.
            let own = match &share {
                Some((share, _)) => Some(Arc::clone(&share.threads).acquire_owned().await),
                None => None,
            };
            let (Ok(own), Ok(thread)) = (own.transpose(), threads.acquire_owned().await) else {
                return std::future::pending().await;
            };
            if let (Some(meters), Some(tool)) = (scope.telemetry().meters(), scope.name()) {
                meters.queued(tool, since.elapsed());
            }
            let (_wanted, runs) = stuck::start(&stuck, scope.name().unwrap_or_default());
            let ran = background::spawn_blocking("tool", move || {
                let _held = (own, thread, share, permit, runs);
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

#[cfg(test)]
mod tests {
    use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
    use std::task::{Context, Poll, Waker};

    use super::*;

    const LIMITS: BlockingLimits =
        BlockingLimits { threads: 4, queue: 4, threads_per_principal: 2, queue_per_principal: 2 };

    /// A call that blocks until it is let go.
    fn call(
        blocking: &Blocking,
        caller: &str,
    ) -> Result<(SyncSender<()>, impl Future<Output = ()> + Unpin), ToolError> {
        let (go, gone): (SyncSender<()>, Receiver<()>) = sync_channel(1);
        let place = blocking.enter(Some(caller))?;
        let mut run = Box::pin(place.run(Scope::default(), move || {
            let _let_go = gone.recv();
        }));
        // The first poll queues it.
        let first = run.as_mut().poll(&mut Context::from_waker(Waker::noop()));
        assert_eq!(first, Poll::Pending);
        Ok((go, run))
    }

    /// One caller fills its share, and another one is served at once.
    #[tokio::test]
    async fn a_caller_has_a_share_of_the_threads_and_of_the_queue() {
        let blocking = Blocking::new(LIMITS);
        let greedy: Vec<_> = (0..4).map(|_| call(&blocking, "greedy").unwrap()).collect();
        let refused = call(&blocking, "greedy").err().unwrap();
        assert!(refused.message().contains("4 of your blocking calls"), "{}", refused.message());
        let (go, honest) = call(&blocking, "honest").unwrap();
        go.send(()).unwrap();
        honest.await;
        drop(greedy);
    }

    /// Those who stop waiting leave the queue, and their places go to others.
    #[tokio::test]
    async fn a_queued_call_whose_client_is_gone_leaves_the_queue() {
        let blocking = Blocking::new(LIMITS);
        let running: Vec<_> = (0..2).map(|_| call(&blocking, "greedy").unwrap()).collect();
        let queued: Vec<_> = (0..2).map(|_| call(&blocking, "greedy").unwrap()).collect();
        assert!(call(&blocking, "greedy").is_err());
        assert_eq!(blocking.capacity().used, 4);
        drop(queued);
        assert_eq!(blocking.capacity().used, 2);
        let next = call(&blocking, "greedy").unwrap();
        for (go, _) in &running {
            go.send(()).unwrap();
        }
        next.0.send(()).unwrap();
        next.1.await;
        drop(running);
    }
}
