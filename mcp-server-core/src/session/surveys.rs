//! What surveys of the sessions in the store found: which may give way, and when the first one does.

use std::collections::{HashMap, VecDeque};
use std::sync::{Mutex, MutexGuard, PoisonError};

use super::account::OwnerSlot;
use crate::store::Version;

/// How many that did nothing but open are remembered from a survey. Those that open later are younger.
const KEPT_UNUSED: usize = 256;
/// How many idle ones are remembered, and for how long.
const KEPT_IDLE: usize = 16;
const IDLE_FOR: u64 = 1_000;
/// For how long nobody looks again after a survey that found none, in milliseconds.
const FULL_FOR: u64 = 500;
/// Of how many scopes something is remembered.
const SCOPES: usize = 256;

/// Which sessions are counted.
#[derive(Clone, Copy, Debug)]
pub(super) enum Scope<'a> {
    /// All of the server.
    All,
    /// Those of one account.
    Of(&'a str),
}

/// What earlier surveys found, so that not every new session costs one.
#[derive(Debug, Default)]
pub(super) struct Surveys {
    found: Mutex<HashMap<Box<str>, Found>>,
    /// Held while room is made: one survey at a time.
    alone: tokio::sync::Mutex<()>,
}

#[derive(Debug, Default)]
struct Found {
    at: u64,
    first: VecDeque<Candidate>,
    /// Until when all places are taken, and the time at which the first one gives way.
    full: Option<(u64, u64)>,
}

/// A session that may give way.
#[derive(Clone, Debug)]
pub(super) struct Candidate {
    /// The session's number, and the hash of its secret.
    pub(super) number: u32,
    pub(super) hash: String,
    pub(super) is_used: bool,
    /// When it was last used, or opened if it was not used.
    pub(super) at: u64,
    /// The slot among those that were looked at, with its version.
    pub(super) slot: (u32, Version),
}

impl Candidate {
    pub(super) fn of(number: u32, kept: &OwnerSlot, slot: (u32, Version)) -> Self {
        Self { number, hash: kept.hash.clone(), is_used: kept.is_used, at: kept.last_used, slot }
    }

    /// Whatever is in a slot that cannot be read: it ends by itself.
    pub(super) fn nobody(slot: (u32, Version)) -> Self {
        Self { number: u32::MAX, hash: String::new(), is_used: true, at: u64::MAX, slot }
    }
}

impl Surveys {
    /// Held while room is made: one survey at a time.
    pub(super) async fn alone(&self) -> tokio::sync::MutexGuard<'_, ()> {
        self.alone.lock().await
    }

    /// A session has ended, so there is room for another.
    pub(super) fn ended(&self) {
        for found in self.found().values_mut() {
            found.full = None;
        }
    }

    /// The next session that an earlier survey found.
    pub(super) fn next(&self, scope: Scope<'_>, now: u64) -> Option<Candidate> {
        let mut found = self.found();
        let found = found.get_mut(key(scope))?;
        let candidate = found.first.pop_front()?;
        (!candidate.is_used || now.saturating_sub(found.at) < IDLE_FOR).then_some(candidate)
    }

    /// When the first session gives way, if all places were found taken a moment ago.
    pub(super) fn full(&self, scope: Scope<'_>, now: u64) -> Option<u64> {
        let found = self.found();
        let (until, retry_at) = found.get(key(scope))?.full?;
        (now < until).then_some(retry_at)
    }

    pub(super) fn remember(&self, scope: Scope<'_>, now: u64, rest: VecDeque<Candidate>) {
        let unused = rest.iter().filter(|candidate| !candidate.is_used).take(KEPT_UNUSED).cloned().collect();
        let first: VecDeque<_> = if rest.front().is_some_and(|first| !first.is_used) {
            unused
        } else {
            rest.into_iter().take(KEPT_IDLE).collect()
        };
        self.put(scope, Found { at: now, first, full: None });
    }

    pub(super) fn remember_full(&self, scope: Scope<'_>, now: u64, retry_at: u64) {
        let until = retry_at.min(now.saturating_add(FULL_FOR));
        self.put(scope, Found { at: now, first: VecDeque::new(), full: Some((until, retry_at)) });
    }

    fn put(&self, scope: Scope<'_>, found: Found) {
        let mut all = self.found();
        if all.len() >= SCOPES {
            all.clear();
        }
        all.insert(key(scope).into(), found);
    }

    fn found(&self) -> MutexGuard<'_, HashMap<Box<str>, Found>> {
        self.found.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn key(scope: Scope<'_>) -> &str {
    match scope {
        Scope::All => "",
        Scope::Of(account) => account,
    }
}
