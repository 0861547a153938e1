//! Whether the snapshot of a session may be used without reading its record again.

use std::sync::atomic::{AtomicU64, Ordering};

/// The epoch of the registry in which a snapshot was last read, and how often it was invalidated since.
///
/// Both are one number, so that a read which began before an invalidation cannot undo it.
#[derive(Debug)]
pub(super) struct Freshness(AtomicU64);

/// What a read began with.
#[derive(Clone, Copy, Debug)]
pub(super) struct Reading {
    epoch: u32,
    invalidations: u32,
}

/// No registry counts so far.
const NEVER: u32 = u32::MAX;

impl Default for Freshness {
    fn default() -> Self {
        Self(AtomicU64::new(pack(0, NEVER)))
    }
}

impl Freshness {
    /// Returns whether the snapshot was read in this epoch.
    pub(super) fn is_of(&self, epoch: u32) -> bool {
        unpack(self.0.load(Ordering::Acquire)).1 == epoch
    }

    /// Begins a read of the record, or a write that tells what the record is.
    pub(super) fn begin(&self, epoch: u32) -> Reading {
        Reading { epoch, invalidations: unpack(self.0.load(Ordering::Acquire)).0 }
    }

    /// Validates the snapshot for the epoch in which a read began, unless it was invalidated since.
    pub(super) fn validate(&self, reading: Reading) {
        let mut now = self.0.load(Ordering::Acquire);
        while unpack(now).0 == reading.invalidations {
            let next = pack(reading.invalidations, reading.epoch);
            match self.0.compare_exchange_weak(now, next, Ordering::AcqRel, Ordering::Acquire) {
                Ok(_) => return,
                Err(other) => now = other,
            }
        }
    }

    /// Has the record read again before the session is used.
    pub(super) fn invalidate(&self) {
        let next = |now| Some(pack(unpack(now).0.wrapping_add(1), NEVER));
        let _before = self.0.fetch_update(Ordering::AcqRel, Ordering::Acquire, next);
    }
}

const fn pack(invalidations: u32, epoch: u32) -> u64 {
    (invalidations as u64) << 32 | epoch as u64
}

#[expect(clippy::cast_possible_truncation, reason = "it takes the halves apart")]
const fn unpack(number: u64) -> (u32, u32) {
    ((number >> 32) as u32, number as u32)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_read_validates_only_the_epoch_in_which_it_began() {
        let freshness = Freshness::default();
        assert!(!freshness.is_of(0));
        freshness.validate(freshness.begin(0));
        assert!(freshness.is_of(0) && !freshness.is_of(1));
    }

    #[test]
    fn a_read_that_began_before_an_invalidation_does_not_undo_it() {
        let freshness = Freshness::default();
        let early = freshness.begin(3);
        freshness.invalidate();
        freshness.validate(early);
        assert!(!freshness.is_of(3));
        freshness.validate(freshness.begin(3));
        assert!(freshness.is_of(3));
    }
}
