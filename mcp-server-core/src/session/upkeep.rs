//! Upkeep: sessions in use stay, idle ones make room, and the store learns of both without a write for each request.

use std::collections::HashSet;
use std::sync::atomic::Ordering;
use std::sync::{Arc, PoisonError};
use std::time::Duration;

use arc_swap::ArcSwapOption;

use super::did::Did;
use super::legacy::{Saved, Session};
use super::others::Hint;
use super::record::{Parts, SessionRecord};
use super::registry::{ALL, ATTEMPTS, Sessions, seats_of};
use crate::principal::Principal;
use crate::store::{Seat, Seats, StoreError, Version};

/// How many seconds a session is used before its record is read again, where other replicas may have changed it.
const CHECKED: u32 = 10;

/// How many idle sessions are looked at for one that no replica uses.
const CANDIDATES: usize = 8;

impl Sessions {
    /// Writes a session to the store, as in use, with what a request changed in it; the other replicas know of the change
    /// when this returns.
    ///
    /// # Errors
    /// What the store says.
    pub(crate) async fn save(&self, session: &Session, did: Option<&Did>) -> Result<(), StoreError> {
        let saved = self.write(session, did).await;
        if saved.is_err() && did.is_some() {
            // Whether it was written or not: what is so from now on, the record says.
            session.doubt();
        }
        saved
    }

    async fn write(&self, session: &Session, did: Option<&Did>) -> Result<(), StoreError> {
        session.written.store(self.now(), Ordering::Relaxed);
        let all = Seats::new(&self.store, ALL, self.limits.max);
        let mut saved = self.keep_own(session).await?;
        for _ in 0..ATTEMPTS {
            let epoch = self.epoch();
            let seat = Seat::from_parts(session.id.number, Version::from_u64(saved.version));
            if let Some(kept) = all.keep(seat, self.recorded(session, saved).write(), self.life()).await? {
                saved.version = kept.version().as_u64();
                *session.saved.lock().unwrap_or_else(PoisonError::into_inner) = saved;
                return if did.is_some() { self.others.tell(session, Hint::Changed).await } else { Ok(()) };
            }
            let Some((record, version)) = self.look(&session.id).await? else {
                self.forget(session);
                return Ok(());
            };
            // Another replica has written it: its change and this one both count.
            session.take_up(&record, version, epoch);
            if let Some(did) = did {
                session.redo(did, self.limits.uris_per_subscription);
            }
            saved.version = version.as_u64();
        }
        Ok(())
    }

    /// Keeps the seat among the owner's sessions, or takes another one if it was lost.
    async fn keep_own(&self, session: &Session) -> Result<Saved, StoreError> {
        let mut saved = *session.saved.lock().unwrap_or_else(PoisonError::into_inner);
        let own = seats_of(session.owner());
        let own = Seats::new(&self.store, &own, self.limits.max_per_principal);
        let hash = session.id.hash();
        let mut kept = None;
        if let Some((number, version)) = saved.seat {
            let mut seat = Seat::from_parts(number, Version::from_u64(version));
            for _ in 0..ATTEMPTS {
                kept = own.keep(seat, hash.clone(), self.life()).await?;
                if kept.is_some() {
                    break;
                }
                // Another replica may have kept it for the same session.
                match own.look(number).await?.filter(|entry| entry.value == hash.as_bytes()) {
                    Some(entry) => seat = Seat::from_parts(number, entry.version),
                    None => break,
                }
            }
        }
        let seat = match kept {
            Some(seat) => Some(seat),
            None => own.take(hash, self.life()).await?,
        };
        saved.seat = seat.map(|seat| (seat.number(), seat.version().as_u64()));
        Ok(saved)
    }

    /// Notes that a session is in use, and has the store told now and then.
    pub(crate) fn touch(self: &Arc<Self>, session: &Arc<Session>) {
        let now = self.now();
        session.seen.store(now, Ordering::Relaxed);
        if self.others.are_possible() {
            self.check_if_due(session, now);
        }
        let written = session.written.load(Ordering::Relaxed);
        if now.saturating_sub(written) < seconds(self.limits.idle_timeout / 4).max(1) {
            return;
        }
        let taken = session.written.compare_exchange(written, now, Ordering::Relaxed, Ordering::Relaxed);
        if let (Ok(_), Ok(runtime)) = (taken, tokio::runtime::Handle::try_current()) {
            let (sessions, session) = (Arc::clone(self), Arc::clone(session));
            drop(runtime.spawn(async move {
                if let Err(error) = sessions.save(&session, None).await {
                    tracing::warn!(%error, "the store could not be told that a session is in use");
                }
            }));
        }
    }

    /// Has the record of a session that is in use read again now and then: what was not heard is so all the same soon.
    fn check_if_due(self: &Arc<Self>, session: &Arc<Session>, now: u32) {
        let checked = session.checked.load(Ordering::Relaxed);
        if now.saturating_sub(checked) < CHECKED {
            return;
        }
        let taken = session.checked.compare_exchange(checked, now, Ordering::Relaxed, Ordering::Relaxed);
        if let (Ok(_), Ok(runtime)) = (taken, tokio::runtime::Handle::try_current()) {
            let (sessions, session) = (Arc::clone(self), Arc::clone(session));
            drop(runtime.spawn(async move { sessions.check(&session).await }));
        }
    }

    /// Ends the sessions here that have been idle for too long. The store forgets them by itself.
    pub(crate) fn sweep(&self) {
        self.swept.store(self.now(), Ordering::Relaxed);
        for session in self.here() {
            if self.is_expired(&session) {
                self.forget(&session);
            }
        }
    }

    /// How many sessions are in use here.
    #[cfg(test)]
    pub(super) fn len(&self) -> usize {
        self.here().count()
    }

    pub(super) fn sweep_if_due(&self) {
        let due = seconds(self.limits.idle_timeout / 8).max(1);
        if self.now().saturating_sub(self.swept.load(Ordering::Relaxed)) >= due {
            self.sweep();
        }
    }

    /// Ends the session that has been idle for longest, of one owner or of all; says whether there was one.
    pub(super) async fn evict(&self, owner: Option<&Principal>) -> bool {
        let least = seconds(self.limits.idle_timeout / 30).max(1);
        let now = self.now();
        let idle = self.here().filter(|session| {
            session.is_idle()
                && now.saturating_sub(session.seen.load(Ordering::Relaxed)) >= least
                && owner.is_none_or(|owner| session.owner().key() == owner.key())
        });
        if !self.others.are_possible() {
            let Some(session) = idle.min_by_key(|session| session.seen.load(Ordering::Relaxed)) else { return false };
            return self.give_up(&session).await;
        }
        let mut idle: Vec<_> = idle.collect();
        idle.sort_by_key(|session| session.seen.load(Ordering::Relaxed));
        for session in idle.iter().take(CANDIDATES) {
            match self.look(&session.id).await {
                // Each replica that uses it writes so after a quarter of its life at the latest.
                Ok(Some((record, _))) if self.is_in_use(&record, least) => {
                    session.seen.store(now, Ordering::Relaxed);
                }
                Ok(Some(_)) => return self.give_up(session).await,
                Ok(None) => self.forget(session),
                Err(_) => return false,
            }
        }
        false
    }

    async fn give_up(&self, session: &Session) -> bool {
        tracing::debug!(number = session.id.number, "an idle session makes room for a new one");
        self.close(session).await.is_ok()
    }

    /// Whether a replica may have used a session within so many seconds.
    fn is_in_use(&self, record: &SessionRecord, least: u32) -> bool {
        let lag = self.limits.idle_timeout / 4 + Duration::from_secs(u64::from(least));
        self.millis() < record.used.saturating_add(u64::try_from(lag.as_millis()).unwrap_or(u64::MAX))
    }

    /// The seats of an owner that sessions here have.
    pub(super) fn seats_taken_here(&self, owner: &Principal) -> HashSet<u32> {
        let mine = self.here().filter(|session| session.owner().key() == owner.key());
        let seat = |session: Arc<Session>| session.saved.lock().unwrap_or_else(PoisonError::into_inner).seat;
        mine.filter_map(seat).map(|(number, _)| number).collect()
    }

    pub(super) fn here(&self) -> impl Iterator<Item = Arc<Session>> {
        self.places.iter().filter_map(ArcSwapOption::load_full)
    }

    pub(super) fn is_expired(&self, session: &Session) -> bool {
        let idle = self.now().saturating_sub(session.seen.load(Ordering::Relaxed));
        session.is_idle() && idle > seconds(self.limits.idle_timeout)
    }

    fn recorded(&self, session: &Session, saved: Saved) -> SessionRecord {
        SessionRecord::new(Parts {
            hash: session.id.hash(),
            owner: session.owner().key(),
            revision: session.revision(),
            capabilities: session.capabilities(),
            log_level: session.log_level(),
            uris: session.uris(),
            client: &session.client,
            created: session.created,
            used: self.millis(),
            seat: saved.seat,
        })
    }
}

fn seconds(duration: Duration) -> u32 {
    u32::try_from(duration.as_secs()).unwrap_or(u32::MAX)
}
