//! Starting background work.

use std::io;
use std::thread;

use tokio::runtime::Handle;
use tokio::task::JoinHandle;

use super::count::Counted;

/// Starts a task of which the server runs a fixed number. Dropping the handle does not stop it; an `AbortOnDropHandle`
/// does.
///
/// Use [`BoundedTasks`] for tasks that a request or a message starts.
pub(crate) fn spawn<T: Send + 'static>(
    name: &'static str,
    work: impl Future<Output = T> + Send + 'static,
) -> JoinHandle<T> {
    let counted = Counted::start(name);
    tokio::spawn(async move {
        let _counted = counted;
        work.await
    })
}

/// Runs a function that blocks on a thread of the runtime. The caller bounds how many run, for example with a semaphore.
pub(crate) fn spawn_blocking<T: Send + 'static>(
    name: &'static str,
    work: impl FnOnce() -> T + Send + 'static,
) -> JoinHandle<T> {
    let counted = Counted::start(name);
    tokio::task::spawn_blocking(move || {
        let _counted = counted;
        work()
    })
}

/// Starts a thread of which the server runs a fixed number.
///
/// # Errors
/// The error of the system if it has no thread left.
pub(crate) fn spawn_thread<T: Send + 'static>(
    name: &'static str,
    work: impl FnOnce() -> T + Send + 'static,
) -> io::Result<thread::JoinHandle<T>> {
    let counted = Counted::start(name);
    thread::Builder::new().name(name.to_owned()).spawn(move || {
        let _counted = counted;
        work()
    })
}

/// A kind of task that requests and messages start, with a limit on how many run at once.
///
/// It is declared as a `static` where it is used: `static RELEASES: BoundedTasks = BoundedTasks::new("lock_release", 4096);`
#[derive(Debug)]
pub(crate) struct BoundedTasks {
    name: &'static str,
    limit: usize,
}

impl BoundedTasks {
    /// A kind of task of which at most `limit` run in this process.
    pub(crate) const fn new(name: &'static str, limit: usize) -> Self {
        Self { name, limit }
    }

    /// Starts a task. Returns `None`, and drops the work, if the limit is reached or no runtime runs on this thread: it
    /// can be called from `drop`.
    pub(crate) fn spawn<T: Send + 'static>(
        &self,
        work: impl Future<Output = T> + Send + 'static,
    ) -> Option<JoinHandle<T>> {
        let runtime = Handle::try_current().ok()?;
        let Some(counted) = Counted::within(self.name, self.limit) else {
            tracing::warn!(
                target: "mcp_server",
                task = self.name,
                limit = self.limit,
                "a background task is not started: its limit is reached"
            );
            return None;
        };
        Some(runtime.spawn(async move {
            let _counted = counted;
            work.await
        }))
    }
}

#[cfg(test)]
mod tests {
    use super::super::running;
    use super::*;

    fn count(name: &str) -> usize {
        running().into_iter().find(|(other, _)| *other == name).map_or(0, |(_, count)| count)
    }

    #[tokio::test]
    async fn work_is_counted_until_it_ends_and_bounded() {
        static TASKS: BoundedTasks = BoundedTasks::new("bounded_for_a_test", 2);
        let waiting = || TASKS.spawn(std::future::pending::<()>());
        let (first, second) = (waiting().unwrap(), waiting());
        assert!(second.is_some() && waiting().is_none());
        assert_eq!(count("bounded_for_a_test"), 2);
        first.abort();
        first.await.unwrap_err();
        assert_eq!(count("bounded_for_a_test"), 1);
        assert!(waiting().is_some());
    }

    #[test]
    fn without_a_runtime_nothing_is_started() {
        static TASKS: BoundedTasks = BoundedTasks::new("no_runtime_for_a_test", 2);
        assert!(TASKS.spawn(async {}).is_none());
        spawn_thread("thread_for_a_test", || assert_eq!(count("thread_for_a_test"), 1)).unwrap().join().unwrap();
    }
}
