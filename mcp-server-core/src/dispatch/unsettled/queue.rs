//! What could not be written when a run ended: one bounded queue for the process, and one task that writes it.
//!
//! The task asks the store for one thing at a time, waits while the store is away, and ends when nothing is left. So an
//! outage leaves neither a task for each failed call nor a storm of commands for the moment when the store is back.

use std::collections::{BTreeMap, HashSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::Notify;
use tokio::time::Instant;

use super::ledger::{Ledger, Settlement};
use super::record::Kept;
use crate::background;
use crate::store::{Expect, Health, Put, Store, StoreError, Version};
use crate::telemetry::Capacity;

/// How many claims may wait to be taken back. One over that stays claimed here until the key is used again.
const WITHDRAWALS: usize = 1024;
/// How many ends of runs may wait to be written; beyond, no run begins.
const ENDS: usize = 4096;
/// How many bytes of answers may wait. The end of a run whose answer is over that is kept without the answer.
const BYTES: usize = 16 << 20;
/// The first and the longest wait between two tries.
const WAITS: (Duration, Duration) = (Duration::from_millis(100), Duration::from_secs(5));
/// When a claim that may have been made is looked for: a write that was given up can still arrive.
const LOOKS: [Duration; 3] = [Duration::from_millis(200), Duration::from_secs(2), Duration::from_secs(10)];

/// The runs of this process, and the ends that the store does not know yet.
#[derive(Debug)]
pub(crate) struct Unsettled {
    store: Store,
    state: Mutex<State>,
    /// Something was added that may be due before what is waited for.
    added: Notify,
}

#[derive(Debug, Default)]
struct State {
    /// By when they are due, and a number that tells those of one time apart.
    queue: BTreeMap<(Instant, u64), Item>,
    number: u64,
    bytes: usize,
    ends: usize,
    is_written: bool,
    /// The runs that have not ended, or whose end is not written.
    live: HashSet<String>,
}

#[derive(Debug)]
struct Item {
    ledger: Ledger,
    work: Work,
}

#[derive(Debug)]
enum Work {
    /// To take a claim back; it was looked for so many times.
    Withdraw(usize),
    /// To write an end.
    Settle { settlement: Settlement, bytes: usize, pause: Duration, live: Live },
}

/// What is to be written next.
enum Next {
    Due(Box<Item>),
    At(Instant),
}

/// That a run counts as live.
#[derive(Debug)]
pub(crate) struct Live {
    unsettled: Arc<Unsettled>,
    run: String,
}

impl Unsettled {
    pub(crate) fn new(store: Store) -> Arc<Self> {
        Arc::new(Self { store, state: Mutex::default(), added: Notify::new() })
    }

    /// Whether another run may begin: there is room for its end, should the store go away.
    pub(crate) fn has_room(&self) -> bool {
        self.state().ends < ENDS
    }

    /// How many ends wait, of those that may.
    pub(crate) fn ends(&self) -> Capacity {
        Capacity { used: self.state().ends, limit: ENDS }
    }

    /// How many bytes of answers wait, of those that may.
    pub(crate) fn answers(&self) -> Capacity {
        Capacity { used: self.state().bytes, limit: BYTES }
    }

    /// How many claims and ends wait, and how many bytes they have.
    #[cfg(test)]
    pub(crate) fn waiting(&self) -> (usize, usize) {
        let state = self.state();
        (state.queue.len(), state.bytes)
    }

    /// Claims a key for a run from an expected state. The run counts as live from before the claim until what is returned
    /// is dropped.
    ///
    /// # Errors
    /// What the store says. A claim that may have been made all the same is taken back in the background.
    pub(crate) async fn claim(self: &Arc<Self>, ledger: &Ledger, expect: Expect) -> Result<(Put, Live), StoreError> {
        let live = self.live(&ledger.run);
        match ledger.put_claim(expect).await {
            Ok(put) => Ok((put, live)),
            Err(error) => {
                // What never left cannot arrive.
                if !error.is_unsent() {
                    self.withdraw(ledger.clone());
                }
                Err(error)
            }
        }
    }

    /// Writes how a run leaves its key, and tells those who wait. What the store does not take now is written later; the
    /// run counts as live until then.
    pub(crate) async fn settle(self: &Arc<Self>, ledger: Ledger, version: Version, settlement: Settlement, live: Live) {
        // Another version: it was renewed at this moment, or another replica took this one for dead.
        let is_settled = match ledger.leave(&settlement, version).await {
            Ok(false) => ledger.try_to_settle(&settlement).await,
            written => written,
        };
        if matches!(is_settled, Ok(true)) {
            ledger.tell().await;
        } else {
            self.settle_later(ledger, settlement, live);
        }
    }

    /// Has a run count as live.
    fn live(self: &Arc<Self>, run: &str) -> Live {
        self.state().live.insert(run.to_owned());
        Live { unsettled: Arc::clone(self), run: run.to_owned() }
    }

    /// Whether a run of this process has not ended, or its end is not written.
    pub(crate) fn is_live(&self, run: &str) -> bool {
        self.state().live.contains(run)
    }

    /// Takes a claim back that may have been made.
    fn withdraw(self: &Arc<Self>, ledger: Ledger) {
        {
            let mut state = self.state();
            if state.queue.len().saturating_sub(state.ends) >= WITHDRAWALS {
                return;
            }
            state.add(Item { ledger, work: Work::Withdraw(0) }, LOOKS.first().copied().unwrap_or_default());
        }
        self.write();
    }

    /// Writes the end of a run as soon as the store takes it.
    fn settle_later(self: &Arc<Self>, ledger: Ledger, mut settlement: Settlement, live: Live) {
        {
            let mut state = self.state();
            let mut bytes = size(&settlement);
            if state.bytes.saturating_add(bytes) > BYTES && bytes > 0 {
                settlement = Settlement::Answer(Kept::without_answer());
                bytes = size(&settlement);
            }
            state.bytes += bytes;
            state.ends += 1;
            let work = Work::Settle { settlement, bytes, pause: WAITS.0, live };
            state.add(Item { ledger, work }, WAITS.0);
        }
        self.write();
    }

    /// Begins to write what waits, unless that is being done.
    fn write(self: &Arc<Self>) {
        self.added.notify_one();
        if !std::mem::replace(&mut self.state().is_written, true) {
            drop(background::spawn("idempotency_writes", Arc::clone(self).run()));
        }
    }

    async fn run(self: Arc<Self>) {
        let mut pause = WAITS.0;
        while let Some(next) = self.next() {
            let item = match next {
                Next::Due(item) => item,
                Next::At(due) => {
                    drop(tokio::time::timeout_at(due, self.added.notified()).await);
                    continue;
                }
            };
            // While the store is away it is asked by its probe alone.
            while self.store.health() == Health::Down {
                tokio::time::sleep(pause).await;
                pause = (pause * 2).min(WAITS.1);
            }
            pause = WAITS.0;
            let Item { ledger, work } = *item;
            match work {
                Work::Withdraw(looked) => {
                    // One that could not be looked for was not looked for.
                    let looks = usize::from(ledger.try_to_settle(&Settlement::Release).await.is_ok());
                    match LOOKS.get(looked + looks) {
                        Some(wait) => self.state().add(Item { ledger, work: Work::Withdraw(looked + looks) }, *wait),
                        None => ledger.tell().await,
                    }
                }
                Work::Settle { settlement, bytes, pause, live } => {
                    match ledger.try_to_settle(&settlement).await {
                        Ok(true) => {
                            self.settled(bytes);
                            drop(live);
                            ledger.tell().await;
                            continue;
                        }
                        Ok(false) => {}
                        Err(error) => {
                            tracing::warn!(target: "mcp_server::once", %error, "the end of a call is not written yet");
                        }
                    }
                    let next = (pause * 2).min(WAITS.1);
                    self.state()
                        .add(Item { ledger, work: Work::Settle { settlement, bytes, pause: next, live } }, pause);
                }
            }
        }
    }

    fn settled(&self, bytes: usize) {
        let mut state = self.state();
        state.bytes = state.bytes.saturating_sub(bytes);
        state.ends = state.ends.saturating_sub(1);
    }

    /// Takes what is due first; what writes ends without it.
    fn next(&self) -> Option<Next> {
        let mut state = self.state();
        let due = state.queue.first_key_value().map(|((due, _), _)| *due);
        state.is_written = due.is_some();
        let due = due?;
        if due > Instant::now() {
            return Some(Next::At(due));
        }
        state.queue.pop_first().map(|(_, item)| Next::Due(Box::new(item)))
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn add(&mut self, item: Item, wait: Duration) {
        self.number += 1;
        self.queue.insert((Instant::now() + wait, self.number), item);
    }
}

impl Drop for Live {
    fn drop(&mut self) {
        self.unsettled.state().live.remove(&self.run);
    }
}

fn size(settlement: &Settlement) -> usize {
    match settlement {
        Settlement::Release => 0,
        Settlement::Answer(kept) => serde_json::to_vec(kept).map_or(0, |bytes| bytes.len()),
    }
}
