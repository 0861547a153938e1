//! A map whose values expire, swept a little with every write.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

/// Expired values that one write removes at most: more than it adds, so that the rest always dies out.
const SWEEP: usize = 4;

/// A map from names to values that end at a time, or never.
///
/// What has expired is gone for every reader at once. Its memory goes with later writes, a few values each, so that no
/// write pauses for a whole map and an idle map needs no task.
#[derive(Debug)]
pub(super) struct Expiring<V> {
    values: HashMap<Arc<str>, Slot<V>>,
    /// The names of those that expire, by their time.
    ends: BTreeSet<(u64, Arc<str>)>,
}

#[derive(Debug)]
struct Slot<V> {
    value: V,
    ends: Option<u64>,
}

impl<V> Default for Expiring<V> {
    fn default() -> Self {
        Self { values: HashMap::new(), ends: BTreeSet::new() }
    }
}

impl<V> Expiring<V> {
    /// The value of a name, unless it has expired.
    pub(super) fn get(&self, name: &str, now: u64) -> Option<&V> {
        self.values.get(name).filter(|slot| slot.lives(now)).map(|slot| &slot.value)
    }

    /// As [`get`](Self::get), to be changed.
    pub(super) fn get_mut(&mut self, name: &str, now: u64) -> Option<&mut V> {
        self.values.get_mut(name).filter(|slot| slot.lives(now)).map(|slot| &mut slot.value)
    }

    /// Puts a value in the place of whatever was there, until `ends`.
    pub(super) fn insert(&mut self, name: &str, value: V, ends: Option<u64>, now: u64) {
        self.remove(name, now);
        self.sweep(now, SWEEP);
        let name: Arc<str> = Arc::from(name);
        if let Some(ends) = ends {
            self.ends.insert((ends, Arc::clone(&name)));
        }
        self.values.insert(name, Slot { value, ends });
    }

    /// Gives a value a new end.
    pub(super) fn extend(&mut self, name: &str, ends: u64) {
        let Some((name, _)) = self.values.get_key_value(name) else { return };
        let name = Arc::clone(name);
        let Some(slot) = self.values.get_mut(&name) else { return };
        if let Some(old) = slot.ends.replace(ends) {
            self.ends.remove(&(old, Arc::clone(&name)));
        }
        self.ends.insert((ends, name));
    }

    /// Takes a value out, unless it has expired.
    pub(super) fn remove(&mut self, name: &str, now: u64) -> Option<V> {
        let (name, slot) = self.values.remove_entry(name)?;
        let lives = slot.lives(now);
        if let Some(ends) = slot.ends {
            self.ends.remove(&(ends, name));
        }
        lives.then_some(slot.value)
    }

    /// How many values take memory, expired ones included.
    pub(super) fn held(&self) -> usize {
        self.values.len()
    }

    /// Removes at most so many expired values.
    pub(super) fn sweep(&mut self, now: u64, most: usize) {
        for _ in 0..most {
            if self.ends.first().is_none_or(|(ends, _)| *ends > now) {
                return;
            }
            if let Some((_, name)) = self.ends.pop_first() {
                self.values.remove(&name);
            }
        }
    }
}

impl<V> Slot<V> {
    fn lives(&self, now: u64) -> bool {
        self.ends.is_none_or(|ends| now < ends)
    }
}
