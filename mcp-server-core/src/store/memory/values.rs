//! Versioned values in memory.

use bytes::Bytes;

use super::expiring::Expiring;
use crate::store::kv::{Entry, Expect, Put, Version};

/// Expired values that one sweep removes at most.
pub(super) const SWEEP: usize = 10_000;

/// All values, and the version that the next one gets.
#[derive(Debug, Default)]
pub(super) struct Values {
    entries: Expiring<Entry>,
    last: u64,
}

impl Values {
    pub(super) fn get(&self, key: &str, now: u64) -> Option<Entry> {
        self.entries.get(key, now).cloned()
    }

    pub(super) fn put(&mut self, key: &str, value: Bytes, expect: Expect, ends: Option<u64>, now: u64) -> Put {
        let current = self.entries.get(key, now);
        let fits = match expect {
            Expect::Any => true,
            Expect::Absent => current.is_none(),
            Expect::Version(version) => current.is_some_and(|entry| entry.version == version),
        };
        if !fits {
            return Put::Refused(current.cloned());
        }
        self.last += 1;
        let version = Version::from_u64(self.last);
        self.entries.insert(key, Entry { value, version }, ends, now);
        Put::Stored(version)
    }

    pub(super) fn delete(&mut self, key: &str, version: Option<Version>, now: u64) -> bool {
        let fits =
            self.entries.get(key, now).is_some_and(|entry| version.is_none_or(|version| entry.version == version));
        fits && self.entries.remove(key, now).is_some()
    }

    pub(super) fn sweep(&mut self, now: u64) {
        self.entries.sweep(now, SWEEP);
    }

    pub(super) fn held(&self) -> usize {
        self.entries.held()
    }
}
