//! Writing what must not get lost while the store is away.

use std::time::Duration;

use crate::store::StoreError;
use crate::task::{Applied, Desk, Record, Step};

/// How long the first wait for the store is, and the longest.
const WAITS: [Duration; 2] = [Duration::from_millis(100), Duration::from_secs(5)];

/// What came of a step that was written at last.
#[derive(Debug)]
pub(super) enum Written {
    /// This is the task now.
    Now(Box<Record>),
    /// The task is over, or another's, or no more.
    Lost,
    /// The store will not take it, however long it is asked.
    Refused(StoreError),
}

/// Has something happen to a task, however long the store is away, until the task would have expired or the process
/// stops.
pub(super) async fn surely(desk: &Desk, key: &str, step: &Step, expires: u64) -> Written {
    let [mut wait, longest] = WAITS;
    loop {
        match desk.board().apply(key, step).await {
            Ok(Applied::Now(record)) => return Written::Now(Box::new(record)),
            Ok(Applied::Fenced | Applied::Over(_) | Applied::Gone) => return Written::Lost,
            Err(error) if !error.is_retryable() => {
                tracing::error!(task = key, %error, "the store does not take what became of a task");
                return Written::Refused(error);
            }
            Err(error) if desk.board().clock().millis() >= expires => {
                tracing::error!(task = key, %error, "the store is away: a task expired before its end could be kept");
                return Written::Lost;
            }
            Err(error) => tracing::warn!(task = key, %error, "the store is away: a task waits to be kept"),
        }
        tokio::select! {
            () = tokio::time::sleep(wait) => wait = (wait * 2).min(longest),
            () = desk.stopped() => return Written::Lost,
        }
    }
}
