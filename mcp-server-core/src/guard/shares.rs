//! Shares: what each caller has of something that all callers use, by the key that caps of callers go by.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

/// Shares that are kept though nobody uses them, before they are looked through.
const IDLE: usize = 1024;

/// One share for each caller. It is there while somebody holds it, and forgotten some time after.
#[derive(Debug)]
pub(crate) struct Shares<T>(Mutex<Held<T>>);

#[derive(Debug)]
struct Held<T> {
    of: HashMap<Box<str>, Arc<T>>,
    /// With how many shares those that nobody holds are removed.
    sweep_at: usize,
}

impl<T> Default for Shares<T> {
    fn default() -> Self {
        Self(Mutex::new(Held { of: HashMap::new(), sweep_at: IDLE }))
    }
}

impl<T> Shares<T> {
    /// The share of a caller, made if it has none.
    pub(crate) fn of(&self, caller: &str, make: impl FnOnce() -> T) -> Arc<T> {
        let mut held = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(share) = held.of.get(caller) {
            return Arc::clone(share);
        }
        if held.of.len() >= held.sweep_at {
            // Whoever holds a share besides the map uses it, or is about to.
            held.of.retain(|_, share| Arc::strong_count(share) > 1);
            held.sweep_at = held.of.len() * 2 + IDLE;
        }
        let share = Arc::new(make());
        held.of.insert(caller.into(), Arc::clone(&share));
        share
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_share_is_kept_while_it_is_held_and_others_are_forgotten() {
        let shares = Shares::default();
        let kept = shares.of("kept", || 7);
        for caller in 0..10_000 {
            shares.of(&caller.to_string(), || caller);
        }
        assert!(shares.0.lock().unwrap().of.len() <= 2 * IDLE + 2);
        assert!(Arc::ptr_eq(&kept, &shares.of("kept", || 8)));
    }
}
