//! Eviction: when all places are taken, which session gives way is read from the store, whichever replica has it.
//!
//! A session that did nothing but open gives way at once, the oldest first. Any other one gives way when it has been idle
//! for long, the idlest first. Up to [`SAMPLE`] sessions all are looked at; of more, as many are, spread evenly from a
//! random one on.

use std::collections::{HashMap, HashSet, VecDeque};
use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use arc_swap::ArcSwapOption;
use futures_util::FutureExt as _;
use futures_util::stream::{StreamExt as _, iter};

use super::opening::Scope;
use super::registry::{Sessions, millis};
use super::session::Session;
use super::slots::{self, OwnerSlot};
use super::stored::Stored;
use crate::store::seal::random;
use crate::store::{Seat, StoreError, Version};

/// How many sessions one survey looks at.
const SAMPLE: u32 = 1024;
/// How many of them at once.
const AT_ONCE: usize = 6;
/// How many that did nothing but open are remembered from a survey. Those that open later are younger.
const KEPT_UNUSED: usize = 256;
/// How many idle ones are remembered, and for how long.
const KEPT_IDLE: usize = 16;
const IDLE_FOR: u64 = 1_000;
/// For how long nobody looks again after a survey that found none, in milliseconds.
const FULL_FOR: u64 = 500;
/// Of how many scopes something is remembered.
const SCOPES: usize = 256;

/// Whether there is room for another session.
#[derive(Debug)]
pub(super) enum Room {
    /// These slots are free.
    Free(HashSet<u32>),
    /// There is none, and at the earliest will be after this time.
    Full(Duration),
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
struct Candidate {
    /// The session's number, and the hash of its secret.
    number: u32,
    hash: String,
    is_used: bool,
    /// When it was last used, or opened if it was not used.
    at: u64,
    /// The slot among those that were looked at, with its version.
    slot: (u32, Version),
}

impl Sessions {
    /// Finds free slots, or has a session give way.
    pub(super) async fn make_room(&self, scope: Scope<'_>) -> Result<Room, StoreError> {
        let _alone = self.surveys.alone.lock().await;
        if let Some(retry_at) = self.surveys.full(scope, self.now()) {
            return Ok(Room::Full(self.until(retry_at)));
        }
        while let Some(candidate) = self.surveys.next(scope, self.now()) {
            if let Some(slot) = self.evict(scope, &candidate).await? {
                return Ok(Room::Free(HashSet::from([slot])));
            }
        }
        let (mut candidates, free) = self.survey(scope).await?;
        if !free.is_empty() {
            return Ok(Room::Free(free));
        }
        candidates.sort_by_key(|candidate| (candidate.is_used, candidate.at));
        let mut candidates = VecDeque::from(candidates);
        let now = self.now();
        while let Some(candidate) = candidates.front().filter(|candidate| self.gives_way_at(candidate) <= now).cloned()
        {
            candidates.pop_front();
            if let Some(slot) = self.evict(scope, &candidate).await? {
                self.surveys.remember(scope, now, candidates);
                return Ok(Room::Free(HashSet::from([slot])));
            }
        }
        if let Some(slot) = self.stale(scope, &candidates).await? {
            return Ok(Room::Free(HashSet::from([slot])));
        }
        let retry_at = candidates.iter().map(|candidate| self.gives_way_at(candidate)).min().unwrap_or(now);
        self.surveys.remember_full(scope, now, retry_at);
        Ok(Room::Full(self.until(retry_at)))
    }

    fn until(&self, at: u64) -> Duration {
        Duration::from_millis(at.saturating_sub(self.now()).max(1_000))
    }

    /// Looks at the sessions in the store. Returns those that there are, and the slots that are free.
    async fn survey(&self, scope: Scope<'_>) -> Result<(Vec<Candidate>, HashSet<u32>), StoreError> {
        let cap = match scope {
            Scope::All => self.limits.max,
            Scope::Of(_) => self.limits.max_per_principal,
        };
        let looks = sample(cap).map(|slot| async move { Ok((slot, self.look_at(scope, slot).await?)) }.boxed());
        let mut looks = iter(looks).buffer_unordered(AT_ONCE);
        let (mut candidates, mut free) = (Vec::new(), HashSet::new());
        while let Some(look) = looks.next().await {
            match look? {
                (slot, None) => drop(free.insert(slot)),
                (_, Some(candidate)) => candidates.push(candidate),
            }
        }
        Ok((candidates, free))
    }

    /// Frees a slot of an account whose session has ended, though the slot was not given back.
    async fn stale(&self, scope: Scope<'_>, candidates: &VecDeque<Candidate>) -> Result<Option<u32>, StoreError> {
        let Scope::Of(account) = scope else { return Ok(None) };
        let looks = candidates.iter().filter(|candidate| candidate.number != u32::MAX).map(|candidate| {
            async move {
                let stored = Stored::load_number(&self.store, candidate.number).await?;
                let lives = stored.is_some_and(|stored| *stored.record().opened.hash == *candidate.hash);
                Ok::<_, StoreError>((!lives).then_some(candidate.slot))
            }
            .boxed()
        });
        let mut looks = iter(looks).buffer_unordered(AT_ONCE);
        while let Some(look) = looks.next().await {
            if let Some((slot, version)) = look? {
                let name = slots::name(account);
                self.slots_of(&name).leave(Seat::from_parts(slot, version)).await?;
                return Ok(Some(slot));
            }
        }
        Ok(None)
    }

    async fn look_at(&self, scope: Scope<'_>, slot: u32) -> Result<Option<Candidate>, StoreError> {
        let candidate = match scope {
            Scope::All => Stored::load_number(&self.store, slot).await?.map(|stored| {
                let record = stored.record();
                Candidate::of(slot, &OwnerSlot::of(record, Some(slot)), (slot, stored.version()))
            }),
            Scope::Of(account) => {
                let name = slots::name(account);
                let entry = self.slots_of(&name).look(slot).await?;
                entry.map(|entry| match OwnerSlot::read(&entry.value) {
                    Some(kept) => Candidate::of(kept.number.unwrap_or(u32::MAX), &kept, (slot, entry.version)),
                    None => Candidate::nobody((slot, entry.version)),
                })
            }
        };
        Ok(candidate.map(|candidate| self.as_seen_here(candidate)))
    }

    /// A session that is in use here may have been used later than the store knows.
    fn as_seen_here(&self, mut candidate: Candidate) -> Candidate {
        if let Some(session) = self.here_as(candidate.number, &candidate.hash) {
            let seen = self.time_at(session.seen.load(Ordering::Relaxed));
            candidate.is_used |= session.is_used() || !session.is_idle();
            if candidate.is_used {
                candidate.at = candidate.at.max(if session.is_idle() { seen } else { self.now() });
            }
        }
        candidate
    }

    /// When a session gives way, if it is not used until then.
    fn gives_way_at(&self, candidate: &Candidate) -> u64 {
        if !candidate.is_used {
            return 0;
        }
        let idle = (self.limits.idle_timeout / 30).max(Duration::from_secs(1));
        let is_known = !self.peers.are_possible() && self.here_as(candidate.number, &candidate.hash).is_some();
        // Each replica that uses it writes so after a quarter of its life at the latest.
        let lag = if is_known { Duration::ZERO } else { self.limits.idle_timeout / 4 };
        candidate.at.saturating_add(millis(idle + lag))
    }

    /// Has a session give way, if it still may. Returns the slot that is free then.
    async fn evict(&self, scope: Scope<'_>, candidate: &Candidate) -> Result<Option<u32>, StoreError> {
        let stored = Stored::load_number(&self.store, candidate.number).await?;
        let stored = stored.filter(|stored| *stored.record().opened.hash == *candidate.hash);
        let (slot, version) = candidate.slot;
        let Some(stored) = stored else {
            // The session has ended, and its slot was not given back.
            return match scope {
                Scope::Of(account) if candidate.number != u32::MAX => {
                    let name = slots::name(account);
                    self.slots_of(&name).leave(Seat::from_parts(slot, version)).await?;
                    Ok(Some(slot))
                }
                Scope::Of(_) => Ok(None),
                Scope::All => Ok(Some(slot)),
            };
        };
        let now = OwnerSlot::of(stored.record(), Some(candidate.number));
        let now = self.as_seen_here(Candidate::of(candidate.number, &now, candidate.slot));
        if self.gives_way_at(&now) > self.now() || !stored.delete(&self.store, candidate.number).await? {
            return Ok(None);
        }
        tracing::debug!(number = candidate.number, "a session gives way to a new one");
        if let Some(session) = self.here_as(candidate.number, &candidate.hash) {
            self.forget(&session);
        }
        self.leave_slot(stored.record()).await;
        if let Err(error) = self.peers.announce_eviction(candidate.number, &candidate.hash).await {
            tracing::debug!(%error, "other replicas could not be told that a session gave way, and learn it later");
        }
        Ok(Some(slot))
    }

    fn here_as(&self, number: u32, hash: &str) -> Option<Arc<Session>> {
        let session = self.places.get(number as usize).and_then(ArcSwapOption::load_full)?;
        (*session.opened.hash == *hash).then_some(session)
    }
}

impl Candidate {
    fn of(number: u32, kept: &OwnerSlot, slot: (u32, Version)) -> Self {
        Self { number, hash: kept.hash.clone(), is_used: kept.is_used, at: kept.last_used, slot }
    }

    /// Whatever is in a slot that cannot be read: it ends by itself.
    fn nobody(slot: (u32, Version)) -> Self {
        Self { number: u32::MAX, hash: String::new(), is_used: true, at: u64::MAX, slot }
    }
}

impl Surveys {
    /// A session has ended, so there is room for another.
    pub(super) fn ended(&self) {
        for found in self.found().values_mut() {
            found.full = None;
        }
    }

    /// The next session that an earlier survey found.
    fn next(&self, scope: Scope<'_>, now: u64) -> Option<Candidate> {
        let mut found = self.found();
        let found = found.get_mut(key(scope))?;
        let candidate = found.first.pop_front()?;
        (!candidate.is_used || now.saturating_sub(found.at) < IDLE_FOR).then_some(candidate)
    }

    /// When the first session gives way, if all places were found taken a moment ago.
    fn full(&self, scope: Scope<'_>, now: u64) -> Option<u64> {
        let found = self.found();
        let (until, retry_at) = found.get(key(scope))?.full?;
        (now < until).then_some(retry_at)
    }

    fn remember(&self, scope: Scope<'_>, now: u64, rest: VecDeque<Candidate>) {
        let unused = rest.iter().filter(|candidate| !candidate.is_used).take(KEPT_UNUSED).cloned().collect();
        let first: VecDeque<_> = if rest.front().is_some_and(|first| !first.is_used) {
            unused
        } else {
            rest.into_iter().take(KEPT_IDLE).collect()
        };
        self.put(scope, Found { at: now, first, full: None });
    }

    fn remember_full(&self, scope: Scope<'_>, now: u64, retry_at: u64) {
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

fn key<'a>(scope: Scope<'a>) -> &'a str {
    match scope {
        Scope::All => "",
        Scope::Of(account) => account,
    }
}

/// The slots that a survey looks at: all, or as many as it may, spread evenly from a random one on.
fn sample(cap: u32) -> impl Iterator<Item = u32> {
    let looks = cap.min(SAMPLE);
    let start = u64::from(u32::from_be_bytes(random::bytes()));
    let (cap, looks) = (u64::from(cap), u64::from(looks));
    (0..looks).filter_map(move |turn| u32::try_from((start + turn * cap / looks) % cap).ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_survey_looks_at_each_slot_once() {
        for cap in [0, 1, 7, 1024, 1025, 5000] {
            let seen: Vec<u32> = sample(cap).collect();
            assert_eq!(seen.len(), cap.min(SAMPLE) as usize);
            assert_eq!(seen.iter().collect::<HashSet<_>>().len(), seen.len());
            assert!(seen.iter().all(|slot| *slot < cap));
        }
    }
}
