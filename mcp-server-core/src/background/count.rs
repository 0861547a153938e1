//! Counts of the background work that runs now, by name.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

static COUNTS: Mutex<BTreeMap<&'static str, Arc<AtomicUsize>>> = Mutex::new(BTreeMap::new());

/// One piece of work that is counted until this is dropped.
#[derive(Debug)]
pub(super) struct Counted(Arc<AtomicUsize>);

impl Counted {
    /// Counts one more piece of work of this name.
    pub(super) fn start(name: &'static str) -> Self {
        Self::within(name, usize::MAX).unwrap_or_else(|| Self(Arc::default()))
    }

    /// Counts one more piece of work, unless `limit` pieces of this name run already.
    pub(super) fn within(name: &'static str, limit: usize) -> Option<Self> {
        let count = Arc::clone(COUNTS.lock().unwrap_or_else(PoisonError::into_inner).entry(name).or_default());
        if count.fetch_add(1, Ordering::AcqRel) < limit {
            return Some(Self(count));
        }
        count.fetch_sub(1, Ordering::AcqRel);
        None
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::AcqRel);
    }
}

/// Returns how much work of each name runs in this process. Names stay listed after their work has ended.
pub(crate) fn running() -> Vec<(&'static str, usize)> {
    let counts = COUNTS.lock().unwrap_or_else(PoisonError::into_inner);
    counts.iter().map(|(name, count)| (*name, count.load(Ordering::Acquire))).collect()
}
