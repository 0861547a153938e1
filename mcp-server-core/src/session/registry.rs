//! All sessions: their records in the store, and those in use where a request finds them without a lock.

use std::sync::Arc;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};
use std::time::Duration;

use arc_swap::ArcSwapOption;
use tokio::time::Instant;

use super::id::SessionId;
use super::limits::SessionLimits;
use super::peers::Peers;
use super::session::Session;
use super::stored::Stored;
use super::surveys::Surveys;
use crate::principal::Principal;
use crate::store::{Replica, Store, StoreError};
use crate::telemetry::{Capacity, Telemetry, instruments, semconv};

/// How often a session is read again that may have ended while it was read.
const ATTEMPTS: usize = 3;

/// The ticks at which a registry begins, so that there are ticks for what was before it.
const START: u64 = 1 << 42;

/// The sessions of a server.
///
/// The slot that a session has among all sessions in the store is its place here too, so finding one is an index and
/// a comparison.
#[derive(Debug)]
pub(crate) struct Sessions {
    pub(super) store: Store,
    pub(super) limits: SessionLimits,
    pub(super) places: Box<[ArcSwapOption<Session>]>,
    /// Held while a place is taken.
    placing: Mutex<()>,
    /// How many sessions were ended, so that one that was just read from the store is not put back.
    pub(super) ended: AtomicU64,
    /// How often messages of peers were lost.
    pub(super) epoch: AtomicU32,
    pub(super) peers: Arc<Peers>,
    pub(super) surveys: Surveys,
    /// When it was made: what is measured here counts from then on, whatever happens to the clock.
    started: Instant,
    pub(super) telemetry: Telemetry,
}

impl Sessions {
    /// No sessions yet; those that the store has are found when they are asked for. Idle ones are swept, and peers are
    /// heard, once it is [attached](Self::attach).
    pub(crate) fn new(store: Store, replica: Arc<Replica>, limits: SessionLimits, telemetry: Telemetry) -> Arc<Self> {
        // What these two keep belongs to one process at a time, and of a sealed session there is nothing to tell.
        let possible = limits.sealed_for.is_none() && !matches!(store.engine(), "memory" | "sqlite");
        let peers = Peers::new(&store, replica, possible);
        let sessions = Self::among(store, peers, limits, telemetry);
        if let Some(meters) = sessions.telemetry.meters() {
            meters.watch(&instruments::SESSIONS_OPEN, Arc::downgrade(&sessions), |sessions| {
                #[expect(clippy::cast_precision_loss, reason = "sessions are fewer than that")]
                let open = sessions.here().count() as f64;
                vec![(Vec::new(), open)]
            });
            meters.watch_capacity("sessions", &Arc::downgrade(&sessions), |sessions| Capacity {
                used: sessions.here().count(),
                limit: sessions.places.len(),
            });
        }
        sessions
    }

    /// The sessions of the only process that uses a store.
    #[cfg(test)]
    pub(crate) fn alone(store: Store, limits: SessionLimits) -> Arc<Self> {
        let peers = Peers::new(&store, Replica::alone(&store), false);
        Self::among(store, peers, limits, Telemetry::default())
    }

    /// The sessions of one of several replicas in one process.
    #[cfg(test)]
    pub(crate) fn replicated(store: Store, replica: Arc<Replica>, limits: SessionLimits) -> Arc<Self> {
        let peers = Peers::new(&store, replica, true);
        Self::among(store, peers, limits, Telemetry::default())
    }

    fn among(store: Store, peers: Arc<Peers>, limits: SessionLimits, telemetry: Telemetry) -> Arc<Self> {
        let places = (0..limits.max).map(|_| ArcSwapOption::empty()).collect();
        let (ended, epoch) = (AtomicU64::new(0), AtomicU32::new(0));
        let (placing, surveys, started) = (Mutex::default(), Surveys::default(), Instant::now());
        Arc::new(Self { store, limits, places, placing, ended, epoch, peers, surveys, started, telemetry })
    }

    /// Ends the work of all sessions here; the sessions themselves stay in the store, for the next process.
    pub(crate) fn stop(&self) {
        for session in self.here() {
            session.stop();
            self.forget(&session);
        }
    }

    /// Ends the readers of streams that other replicas write: their clients find them elsewhere.
    pub(crate) fn let_readers_go(&self) {
        for session in self.here() {
            session.let_readers_go();
        }
    }

    /// The limits.
    pub(crate) fn limits(&self) -> &SessionLimits {
        &self.limits
    }

    /// A session that is in use here: no store, no lock, no allocation. Somebody else's is not found, and none whose
    /// record was not read for too long.
    pub(crate) fn cached(self: &Arc<Self>, id: &str, principal: &Principal) -> Option<Arc<Session>> {
        let id = SessionId::parse(id)?;
        self.in_place(&id, principal)
    }

    fn in_place(self: &Arc<Self>, id: &SessionId, principal: &Principal) -> Option<Arc<Session>> {
        let session = self.places.get(id.number as usize)?.load_full()?;
        let is_mine = session.id.is(id) && session.owner().key() == principal.key();
        let now = self.ticks();
        if !is_mine || session.is_closed() || !session.freshness.is_of(self.epoch()) || self.is_outdated(&session, now)
        {
            return None;
        }
        if self.is_expired(&session, now) {
            self.forget(&session);
            return None;
        }
        self.touch_at(&session, now);
        Some(session)
    }

    /// A session that is in use here and was to be read again, while the store is away. To end it or to change it would
    /// have needed the store too, so it is most likely as it was; it stays invalid. Where there are other replicas it is
    /// served no longer than its record may have been unread.
    fn without_store(&self, id: &SessionId, principal: &Principal) -> Option<Arc<Session>> {
        let session = self.places.get(id.number as usize)?.load_full()?;
        let is_mine = session.id.is(id) && session.owner().key() == principal.key();
        let now = self.ticks();
        let is_served = !session.is_closed() && !self.is_expired(&session, now) && !self.is_outdated(&session, now);
        (is_mine && is_served).then_some(session)
    }

    /// A session, from the store if it is not in use here: it survives a restart of the process.
    ///
    /// # Errors
    /// What the store says; then it is not known whether there is such a session, unless it is in use here.
    pub(crate) async fn find(
        self: &Arc<Self>,
        id: &str,
        principal: &Principal,
    ) -> Result<Option<Arc<Session>>, StoreError> {
        let Some(id) = SessionId::parse(id) else { return Ok(None) };
        if let Some(session) = self.in_place(&id, principal) {
            return Ok(Some(session));
        }
        if id.number as usize >= self.places.len() {
            return Ok(None);
        }
        for _ in 0..ATTEMPTS {
            let (ended, epoch, began) = (self.ended.load(Ordering::Acquire), self.epoch(), self.ticks());
            let here = self.places.get(id.number as usize).and_then(ArcSwapOption::load_full);
            let reading = here.as_ref().map(|session| session.freshness.begin(epoch));
            let loaded = match Stored::load(&self.store, &id).await {
                Ok(loaded) => loaded,
                Err(error) => return self.without_store(&id, principal).map(Some).ok_or(error),
            };
            let Some(stored) = loaded else {
                self.forget_ended(&id);
                return Ok(None);
            };
            if *stored.record().opened.owner != *principal.key() {
                return Ok(None);
            }
            if ended != self.ended.load(Ordering::Acquire) {
                continue;
            }
            let session = match (here, reading) {
                (Some(here), Some(reading)) if here.id.is(&id) && !here.is_closed() => {
                    here.advance(stored);
                    here.freshness.validate(reading);
                    here.checked.fetch_max(began, Ordering::Relaxed);
                    here
                }
                _ => self.place(Session::new(id.clone(), principal.clone(), stored), epoch, began),
            };
            self.touch(&session);
            return Ok(Some(session));
        }
        Ok(None)
    }

    /// Puts a session in its place, whose record was read at a time and in an epoch; one that came there in the meantime
    /// under the same id stays.
    pub(super) fn place(&self, session: Session, epoch: u32, read_at: u64) -> Arc<Session> {
        session.seen.store(self.ticks(), Ordering::Relaxed);
        session.checked.store(read_at, Ordering::Relaxed);
        session.refreshed.store(read_at, Ordering::Relaxed);
        let last_used = session.stored().record().last_used;
        session.renewed.store(self.ticks_at(last_used), Ordering::Relaxed);
        session.freshness.validate(session.freshness.begin(epoch));
        let session = Arc::new(session);
        let Some(place) = self.places.get(session.id.number as usize) else { return session };
        let _alone = self.placing.lock();
        if let Some(other) = place.load_full() {
            if other.id.is(&session.id) && !other.is_closed() {
                return other;
            }
            other.close();
        }
        place.store(Some(Arc::clone(&session)));
        session
    }

    pub(super) fn forget(&self, session: &Session) {
        if session.is_ours.swap(false, Ordering::Relaxed) {
            session.ended(&self.telemetry, Some(semconv::HTTP));
        }
        session.close();
        self.surveys.ended();
        self.ended.fetch_add(1, Ordering::AcqRel);
        let _alone = self.placing.lock();
        if let Some(place) = self.places.get(session.id.number as usize)
            && place.load().as_ref().is_some_and(|other| other.id.is(&session.id))
        {
            place.store(None);
        }
    }

    /// Forgets a session that was found to have ended elsewhere.
    fn forget_ended(&self, id: &SessionId) {
        let place = self.places.get(id.number as usize).and_then(ArcSwapOption::load_full);
        if let Some(session) = place.filter(|session| session.id.is(id)) {
            self.forget(&session);
        }
    }

    /// The sessions in use here.
    pub(super) fn here(&self) -> impl Iterator<Item = Arc<Session>> {
        self.places.iter().filter_map(ArcSwapOption::load_full)
    }

    /// How often messages were lost: what was read before the last time has to be read again.
    pub(super) fn epoch(&self) -> u32 {
        self.epoch.load(Ordering::Acquire)
    }

    /// For how long a session is served after its record was last read, where other replicas may end it: one and a half
    /// leases. None of them hears of the end of a session later than that.
    pub(super) fn bound(&self) -> Option<u64> {
        self.peers.are_possible().then(|| millis(self.peers.replica().life() * 3 / 2))
    }

    /// Whether a session must not be served before its record was read again.
    fn is_outdated(&self, session: &Session, now: u64) -> bool {
        self.bound().is_some_and(|bound| now.saturating_sub(session.checked.load(Ordering::Relaxed)) > bound)
    }

    /// Whether a session has not been used here for its whole time.
    pub(super) fn is_expired(&self, session: &Session, now: u64) -> bool {
        let idle = now.saturating_sub(session.seen.load(Ordering::Relaxed));
        session.is_idle() && idle > millis(self.limits.idle_timeout)
    }

    /// How long the store keeps a session from its last write, which may lag its last use by a quarter of the time.
    pub(super) fn ttl(&self) -> Duration {
        self.limits.idle_timeout + self.limits.idle_timeout / 4
    }

    /// The time in milliseconds since 1970, as all replicas read it.
    pub(super) fn now(&self) -> u64 {
        self.store.clock().millis()
    }

    /// The time in milliseconds that all ages here are measured by. It never jumps.
    pub(super) fn ticks(&self) -> u64 {
        START + millis(self.started.elapsed())
    }

    /// The ticks at a time of the past.
    pub(super) fn ticks_at(&self, time: u64) -> u64 {
        self.ticks().saturating_sub(self.now().saturating_sub(time))
    }

    /// The time at ticks of the past.
    pub(super) fn time_at(&self, ticks: u64) -> u64 {
        self.now().saturating_sub(self.ticks().saturating_sub(ticks))
    }
}

/// A span in milliseconds.
pub(super) fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}
