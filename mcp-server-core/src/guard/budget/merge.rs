//! Merging: what was used here becomes part of the totals that all replicas share.
//!
//! Each who pays has one key a window in the store. A write whose outcome is not known is made again: then what was used
//! in about a second may count twice, and never not at all.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use futures_util::{StreamExt as _, stream};
use tokio_util::sync::CancellationToken;
use tokio_util::task::AbortOnDropHandle;

use super::book::Key;
use super::budgets::Budgets;
use super::limits::Amount;
use super::subject::{Scope, label};
use crate::background;
use crate::store::{Entry, Expect, Put, StoreError, Version};

/// Time between two merges.
const PAUSE: Duration = Duration::from_secs(1);
/// Time for the last one.
const LAST: Duration = Duration::from_secs(2);
/// How many writes are under way at once.
const AT_ONCE: usize = 8;
/// How often a total is tried that others change at the same time.
const TRIES: usize = 16;
/// How long a total is kept beyond its window: the clocks of replicas differ.
const BEYOND: Duration = Duration::from_mins(1);

/// What one used, on its way into the store.
#[derive(Clone, Copy, Debug)]
struct Due {
    key: Key,
    window: u64,
    known: Amount,
    version: Option<Version>,
    pending: Amount,
}

/// A total that the store has now, and the one before.
#[derive(Debug)]
struct Merged {
    before: Amount,
    after: Amount,
    version: Version,
}

/// The merging in the background, if there is anything to merge.
#[derive(Debug)]
pub(crate) struct Merging(Option<(AbortOnDropHandle<()>, CancellationToken)>);

impl Merging {
    /// Begins it.
    pub(crate) fn start(budgets: Option<&Arc<Budgets>>) -> Self {
        Self(budgets.map(|budgets| {
            let stop = CancellationToken::new();
            (AbortOnDropHandle::new(background::spawn("budget_merge", Arc::clone(budgets).keep(stop.clone()))), stop)
        }))
    }

    /// Ends it: what was used last is merged, if the store takes it soon.
    pub(crate) async fn stop(self) {
        let Some((merging, stop)) = self.0 else { return };
        stop.cancel();
        if tokio::time::timeout(LAST, merging).await.is_err() {
            tracing::debug!(target: "mcp_server", "the store could not be told what was used last");
        }
    }
}

impl Budgets {
    /// Merges whenever there is something to merge, until it is to stop, and then once more.
    async fn keep(self: Arc<Self>, stop: CancellationToken) {
        while !stop.is_cancelled() {
            tokio::select! {
                () = self.changed.notified() => {}
                () = stop.cancelled() => break,
            }
            self.merge().await;
            tokio::select! {
                () = tokio::time::sleep(PAUSE) => {}
                () = stop.cancelled() => {}
            }
        }
        self.merge().await;
    }

    /// Merges everything that waits.
    pub(super) async fn merge(&self) {
        let dues: Vec<Due> = {
            let mut book = self.book();
            let (window, waiting) = (book.window, book.take());
            let due = |key: Key| {
                let tally = book.tally(key)?;
                let (known, version, pending) = (tally.known, tally.version, tally.pending);
                Some(Due { key, window, known, version, pending })
            };
            waiting.into_iter().filter_map(due).collect()
        };
        let mut merging =
            stream::iter(dues).map(|due| async move { (due, self.write(due).await) }).buffer_unordered(AT_ONCE);
        while let Some((due, written)) = merging.next().await {
            match written {
                Ok(merged) => self.merged(due, &merged),
                Err(error) => self.failed(due, &error),
            }
        }
        if self.book().has_waiting() {
            self.changed.notify_one();
        }
    }

    async fn write(&self, due: Due) -> Result<Merged, StoreError> {
        let (scope, subject) = due.key;
        let key = format!("budget/{}/{}/{subject:032x}", scope.word(), due.window);
        let end = due.window.saturating_add(self.limits.millis());
        let life = Some(Duration::from_millis(end.saturating_sub(self.clock.millis())) + BEYOND);
        let (mut expect, mut before) =
            due.version.map_or((Expect::Absent, Amount::default()), |version| (Expect::Version(version), due.known));
        let mut tries = 0;
        loop {
            let after = before + due.pending;
            match self.store.put(&key, encode(after), expect, life).await? {
                Put::Stored(version) => return Ok(Merged { before, after, version }),
                Put::Refused(_) if tries >= TRIES => return Err(contended(self.store.engine())),
                Put::Refused(Some(entry)) => (expect, before) = (Expect::Version(entry.version), decode(&entry)),
                Put::Refused(None) => (expect, before) = (Expect::Absent, Amount::default()),
            }
            tries += 1;
        }
    }

    fn merged(&self, due: Due, merged: &Merged) {
        let told = {
            let mut book = self.book();
            if book.window != due.window {
                return;
            }
            book.tally(due.key).is_some_and(|tally| {
                tally.pending -= due.pending;
                (tally.known, tally.version) = (merged.after, Some(merged.version));
                tally.told
            })
        };
        if self.is_alone.swap(false, Ordering::Relaxed) {
            tracing::info!(target: "mcp_server", "budgets are shared with the other replicas again");
        }
        if !told {
            self.alert(due.key, merged.before, merged.after);
        }
    }

    /// The store is away: budgets hold for this process alone until it is back.
    fn failed(&self, due: Due, error: &StoreError) {
        let grown = {
            let mut book = self.book();
            if book.window != due.window {
                return;
            }
            book.put_back(due.key);
            book.tally(due.key).filter(|tally| !tally.told).map(|tally| {
                let total = tally.total();
                let most = self.limits.alerts(due.key.0, Amount::default(), total).next().is_some();
                tally.told = most;
                total
            })
        };
        if !self.is_alone.swap(true, Ordering::Relaxed) {
            tracing::warn!(target: "mcp_server", %error, "the store is away: budgets hold for this process alone");
        }
        if let Some(total) = grown {
            self.alert(due.key, Amount::default(), total);
        }
    }

    /// Tells the operator, if most of a budget is spent now and was not before. Of several replicas one does.
    fn alert(&self, (scope, subject): (Scope, u128), before: Amount, after: Amount) {
        for (measure, limit) in self.limits.alerts(scope, before, after) {
            let (subject, window) = (label(scope, subject), self.limits.window.as_secs_f64());
            let (scope, measure, spent) = (scope.word(), measure.word(), after.of(measure));
            tracing::warn!(target: "mcp_server", scope, measure, subject, spent, limit, window, "most of a budget is spent");
            if let Some(meters) = self.telemetry.meters() {
                meters.alerted(scope, measure);
            }
        }
    }
}

fn contended(engine: &'static str) -> StoreError {
    StoreError::Unavailable { engine, source: "a total changes faster than it can be written".into() }
}

fn encode(amount: Amount) -> String {
    format!("{} {}", amount.calls, amount.tokens)
}

/// What cannot be read counts as nothing: it is written anew.
fn decode(entry: &Entry) -> Amount {
    let text = std::str::from_utf8(&entry.value).unwrap_or_default();
    let mut numbers = text.split(' ').map(|number| number.parse().unwrap_or_default());
    Amount { calls: numbers.next().unwrap_or_default(), tokens: numbers.next().unwrap_or_default() }
}
