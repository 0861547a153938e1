//! The book: what everybody used in the window that is now, as far as this process knows.

use std::collections::{HashMap, VecDeque};

use super::limits::Amount;
use super::subject::Scope;
use crate::store::Version;

/// How many of each scope are known at most; beyond, whoever used nothing for longest is forgotten here.
const MOST: usize = 10_000;
/// How many are looked at for one to forget.
const LOOKS: usize = 16;

/// What one used.
#[derive(Debug, Default)]
pub(super) struct Tally {
    /// What the store had last, with the version that had it.
    pub(super) known: Amount,
    pub(super) version: Option<Version>,
    /// What was used here and the store does not have yet.
    pub(super) pending: Amount,
    /// Whether it waits to be merged.
    waits: bool,
    /// Whether it was used since it was last looked at for forgetting.
    touched: bool,
    /// Whether the operator was told while the store was away.
    pub(super) told: bool,
    name: Option<Box<str>>,
}

impl Tally {
    /// Everything.
    pub(super) fn total(&self) -> Amount {
        self.known + self.pending
    }
}

/// One of a scope.
pub(super) type Key = (Scope, u128);

/// The tallies of one window.
#[derive(Debug, Default)]
pub(super) struct Book {
    /// When the window began, in milliseconds since 1970.
    pub(super) window: u64,
    tallies: HashMap<Key, Tally>,
    /// Who was entered when, by scope.
    order: [VecDeque<u128>; 3],
    /// Who waits to be merged.
    waiting: Vec<Key>,
}

impl Book {
    /// Turns to the window of a time: what was used before counts no more. Returns what is to be forgotten, which takes
    /// a while.
    pub(super) fn turn(&mut self, now: u64, length: u64) -> Option<Self> {
        let window = now - now % length;
        // A clock that goes back a little gives nobody a new budget. One that goes back by more than a window was wrong
        // before: its window would last until the time comes again.
        let was_wrong = window.saturating_add(length) < self.window;
        (window > self.window || was_wrong).then(|| std::mem::replace(self, Self { window, ..Self::default() }))
    }

    /// What one used.
    pub(super) fn total(&self, key: Key) -> Amount {
        self.tallies.get(&key).map(Tally::total).unwrap_or_default()
    }

    /// Adds to what one used.
    pub(super) fn add(&mut self, key: Key, amount: Amount, name: Option<&str>) {
        if !self.tallies.contains_key(&key) {
            self.enter(key, name);
        }
        if let Some(tally) = self.tallies.get_mut(&key) {
            tally.pending += amount;
            tally.touched = true;
            if !tally.waits {
                tally.waits = true;
                self.waiting.push(key);
            }
        }
    }

    fn enter(&mut self, key: Key, name: Option<&str>) {
        let Some(order) = self.order.get_mut(key.0 as usize) else { return };
        for look in 1.. {
            if order.len() < MOST {
                break;
            }
            let Some(oldest) = order.pop_front() else { break };
            match self.tallies.get_mut(&(key.0, oldest)) {
                Some(tally) if (tally.touched || tally.waits) && look < LOOKS => {
                    tally.touched = false;
                    order.push_back(oldest);
                }
                _ => drop(self.tallies.remove(&(key.0, oldest))),
            }
        }
        order.push_back(key.1);
        self.tallies.insert(key, Tally { name: name.map(Into::into), ..Tally::default() });
    }

    /// Takes everybody who waits to be merged.
    pub(super) fn take(&mut self) -> Vec<Key> {
        let waiting = std::mem::take(&mut self.waiting);
        for key in &waiting {
            if let Some(tally) = self.tallies.get_mut(key) {
                tally.waits = false;
            }
        }
        waiting
    }

    /// Has one wait again that could not be merged.
    pub(super) fn put_back(&mut self, key: Key) {
        if let Some(tally) = self.tallies.get_mut(&key)
            && !tally.waits
        {
            tally.waits = true;
            self.waiting.push(key);
        }
    }

    /// The tally of one.
    pub(super) fn tally(&mut self, key: Key) -> Option<&mut Tally> {
        self.tallies.get_mut(&key)
    }

    /// The name that people know one by.
    pub(super) fn name(&self, key: Key) -> Option<&str> {
        self.tallies.get(&key)?.name.as_deref()
    }

    /// Everybody.
    pub(super) fn all(&self) -> impl Iterator<Item = (Key, &Tally)> {
        self.tallies.iter().map(|(key, tally)| (*key, tally))
    }

    /// Whether somebody waits to be merged.
    pub(super) fn has_waiting(&self) -> bool {
        !self.waiting.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_book_stays_bounded_and_keeps_who_goes_on_using() {
        let mut book = Book::default();
        let lasting = (Scope::Trace, u128::MAX);
        for number in 0..3 * MOST as u128 {
            if number % 100 == 0 {
                book.add(lasting, Amount::CALL, None);
            }
            book.add((Scope::Trace, number), Amount::CALL, None);
            book.take();
        }
        assert!(book.tallies.len() <= MOST && book.order.iter().all(|order| order.len() <= MOST));
        assert_eq!(book.total(lasting).calls, 3 * MOST as u64 / 100);
        assert_eq!(book.total((Scope::Trace, 0)), Amount::default(), "forgotten");
    }

    #[test]
    fn a_window_that_turns_gives_everybody_a_new_budget_and_a_clock_that_goes_back_does_not() {
        let (mut book, key) = (Book::default(), (Scope::Session, 1));
        assert!(book.turn(7_300, 1_000).is_some());
        book.add(key, Amount::CALL, None);
        assert!(book.turn(7_999, 1_000).is_none() && book.turn(6_000, 1_000).is_none());
        assert_eq!(book.total(key).calls, 1);
        assert!(book.turn(8_000, 1_000).is_some());
        assert_eq!((book.total(key).calls, book.window), (0, 8_000));
    }

    #[test]
    fn a_clock_that_was_far_ahead_freezes_nobody() {
        let (mut book, key) = (Book::default(), (Scope::Session, 1));
        assert!(book.turn(3_600_000, 1_000).is_some());
        book.add(key, Amount::CALL, None);
        assert!(book.turn(5_000, 1_000).is_some(), "the hour ahead was a mistake");
        assert_eq!((book.total(key).calls, book.window), (0, 5_000));
        assert!(book.turn(6_000, 1_000).is_some(), "windows go on");
        assert!(!book.has_waiting());
    }
}
