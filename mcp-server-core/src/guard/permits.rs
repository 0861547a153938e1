//! Permits: how many calls may run at once.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

/// A bounded number of permits; who finds none is turned away, not queued.
#[derive(Debug)]
pub(crate) struct Permits {
    taken: AtomicU32,
    most: u32,
}

/// One permit; dropping it gives it back.
#[derive(Debug)]
pub(crate) struct Permit(Arc<Permits>);

impl Permits {
    pub(crate) fn new(most: u32) -> Arc<Self> {
        Arc::new(Self { taken: AtomicU32::new(0), most })
    }

    /// How many there are.
    pub(crate) fn most(&self) -> u32 {
        self.most
    }

    /// How many are taken.
    pub(crate) fn taken(&self) -> u32 {
        self.taken.load(Ordering::Acquire)
    }

    /// Takes one, if there is one.
    pub(crate) fn take(self: &Arc<Self>) -> Option<Permit> {
        if self.taken.fetch_add(1, Ordering::AcqRel) < self.most {
            return Some(Permit(Arc::clone(self)));
        }
        self.taken.fetch_sub(1, Ordering::AcqRel);
        None
    }
}

impl Drop for Permit {
    fn drop(&mut self) {
        self.0.taken.fetch_sub(1, Ordering::AcqRel);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_dropped_permit_can_be_taken_again() {
        let permits = Permits::new(1);
        let first = permits.take();
        assert!(first.is_some() && permits.take().is_none());
        drop(first);
        assert!(permits.take().is_some());
    }
}
