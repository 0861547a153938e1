//! Eviction: when all places are taken, which session gives way is read from the store, whichever replica has it.
//!
//! A session that did nothing but open gives way at once, the oldest first. Any other one gives way when it has been idle
//! for long, the idlest first. Up to [`SAMPLE`] sessions all are looked at; of more, as many are, spread evenly from a
//! random one on.

use std::collections::{HashSet, VecDeque};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use arc_swap::ArcSwapOption;
use futures_util::stream::{FuturesUnordered, StreamExt as _};

use super::account::{self, OwnerSlot};
use super::registry::{Sessions, millis};
use super::session::Session;
use super::stored::Stored;
use super::surveys::{Candidate, Scope};
use crate::store::seal::random;
use crate::store::{Seat, StoreError, Version};

/// How many sessions one survey looks at.
const SAMPLE: u32 = 1024;
/// How many of them at once.
const AT_ONCE: usize = 6;

/// Whether there is room for another session.
#[derive(Debug)]
pub(super) enum Room {
    /// These slots are free.
    Free(HashSet<u32>),
    /// There is none, and at the earliest will be after this time.
    Full(Duration),
}

impl Sessions {
    /// Finds free slots, or has a session give way.
    pub(super) async fn make_room(&self, scope: Scope<'_>) -> Result<Room, StoreError> {
        let _alone = self.surveys.alone().await;
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
        let (mut candidates, mut free) = (Vec::new(), HashSet::new());
        let mut looks = FuturesUnordered::new();
        let mut slots = sample(cap);
        loop {
            while looks.len() < AT_ONCE
                && let Some(slot) = slots.next()
            {
                looks.push(self.look_at(scope, slot));
            }
            match looks.next().await {
                None => return Ok((candidates, free)),
                Some(look) => match look? {
                    (slot, None) => drop(free.insert(slot)),
                    (_, Some(candidate)) => candidates.push(candidate),
                },
            }
        }
    }

    /// Frees a slot of an account whose session has ended, though the slot was not given back.
    async fn stale(&self, scope: Scope<'_>, candidates: &VecDeque<Candidate>) -> Result<Option<u32>, StoreError> {
        let Scope::Of(account) = scope else { return Ok(None) };
        let mut looks = FuturesUnordered::new();
        let known = candidates.iter().filter(|candidate| candidate.number != u32::MAX).cloned();
        // Collected, so that no borrowing closure lives while something is awaited.
        let mut candidates = known.collect::<Vec<_>>().into_iter();
        loop {
            while looks.len() < AT_ONCE
                && let Some(candidate) = candidates.next()
            {
                looks.push(self.is_stale(candidate));
            }
            match looks.next().await {
                None => return Ok(None),
                Some(look) => {
                    if let Some((slot, version)) = look? {
                        let name = account::name(account);
                        self.slots_of(&name).leave(Seat::from_parts(slot, version)).await?;
                        return Ok(Some(slot));
                    }
                }
            }
        }
    }

    /// The slot of a session that has ended; none if it lives.
    async fn is_stale(&self, candidate: Candidate) -> Result<Option<(u32, Version)>, StoreError> {
        let stored = Stored::load_number(&self.store, candidate.number).await?;
        let lives = stored.is_some_and(|stored| *stored.record().opened.hash == *candidate.hash);
        Ok((!lives).then_some(candidate.slot))
    }

    async fn look_at(&self, scope: Scope<'_>, slot: u32) -> Result<(u32, Option<Candidate>), StoreError> {
        let candidate = match scope {
            Scope::All => Stored::load_number(&self.store, slot).await?.map(|stored| {
                let record = stored.record();
                Candidate::of(slot, &OwnerSlot::of(record, Some(slot)), (slot, stored.version()))
            }),
            Scope::Of(account) => {
                let name = account::name(account);
                let entry = self.slots_of(&name).look(slot).await?;
                entry.map(|entry| match OwnerSlot::read(&entry.value) {
                    Some(kept) => Candidate::of(kept.number.unwrap_or(u32::MAX), &kept, (slot, entry.version)),
                    None => Candidate::nobody((slot, entry.version)),
                })
            }
        };
        Ok((slot, candidate.map(|candidate| self.as_seen_here(candidate))))
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
                    let name = account::name(account);
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
