//! Stuck threads: functions that still run though nobody waits for them any more.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU8, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

const RUNS: u8 = 0;
const ENDED: u8 = 1;
const LEFT: u8 = 2;

/// How many threads are stuck, by tool.
#[derive(Debug, Default)]
pub(crate) struct Stuck(Mutex<HashMap<&'static str, u64>>);

impl Stuck {
    /// Every tool that ever had a stuck thread, with how many it has now.
    pub(crate) fn now(&self) -> Vec<(&'static str, u64)> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).iter().map(|(tool, count)| (*tool, *count)).collect()
    }

    fn change(&self, tool: &'static str, change: impl FnOnce(&mut u64)) {
        change(self.0.lock().unwrap_or_else(PoisonError::into_inner).entry(tool).or_default());
    }
}

#[derive(Debug)]
struct Thread {
    stuck: Arc<Stuck>,
    tool: &'static str,
    state: AtomicU8,
}

/// That somebody waits for a function on a thread.
#[derive(Debug)]
pub(super) struct Wanted(Arc<Thread>);

/// That the function runs; it goes with it to the thread.
#[derive(Debug)]
pub(super) struct Runs(Arc<Thread>);

/// A function that starts on a thread.
pub(super) fn start(stuck: &Arc<Stuck>, tool: &'static str) -> (Wanted, Runs) {
    let thread = Arc::new(Thread { stuck: Arc::clone(stuck), tool, state: AtomicU8::new(RUNS) });
    (Wanted(Arc::clone(&thread)), Runs(thread))
}

impl Drop for Wanted {
    fn drop(&mut self) {
        let Thread { stuck, tool, state } = &*self.0;
        if state.compare_exchange(RUNS, LEFT, Ordering::AcqRel, Ordering::Acquire).is_ok() {
            stuck.change(tool, |count| *count += 1);
        }
    }
}

impl Drop for Runs {
    fn drop(&mut self) {
        let Thread { stuck, tool, state } = &*self.0;
        if state.swap(ENDED, Ordering::AcqRel) == LEFT {
            stuck.change(tool, |count| *count = count.saturating_sub(1));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_thread_is_stuck_from_when_nobody_waits_until_it_ends() {
        let stuck = Arc::<Stuck>::default();
        let (wanted, runs) = start(&stuck, "spin");
        drop(runs);
        drop(wanted);
        assert!(stuck.now().is_empty(), "it ended while somebody waited");
        let (wanted, runs) = start(&stuck, "spin");
        drop(wanted);
        assert_eq!(stuck.now(), [("spin", 1)]);
        drop(runs);
        assert_eq!(stuck.now(), [("spin", 0)]);
    }
}
