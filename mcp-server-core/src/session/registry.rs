//! All sessions: their records in the store, and those in use where a request finds them without a lock.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use arc_swap::ArcSwapOption;
use bytes::Bytes;
use subtle::ConstantTimeEq as _;
use thiserror::Error;

use super::id::{self, SessionId};
use super::legacy::{Saved, Session};
use super::limits::SessionLimits;
use super::opening::Hello;
use super::others::Others;
use super::record::{Parts, SessionRecord};
use crate::principal::Principal;
use crate::store::seal::hash_id;
use crate::store::{Clock, Replica, Seat, Seats, Store, StoreError, Version};
use crate::telemetry::{Telemetry, instruments, semconv};

/// Under this name the store has one seat for each session, and the session's record lies on it.
pub(super) const ALL: &str = "session";

/// How many seats that may be free are tried.
const TRIES: usize = 48;

/// How many seats are tried before those that are taken from here are looked up.
const BLIND: usize = 6;

/// How often the store is written again when somebody else wrote in between.
pub(super) const ATTEMPTS: usize = 3;

/// Why no session was opened.
#[derive(Debug, Error)]
pub(crate) enum OpenError {
    /// There are as many as may be, and none has been idle for long.
    #[error("{0} sessions are open, and more may not be")]
    Full(u32),
    /// The store.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// The sessions of a server.
///
/// The seat that a session has among all sessions in the store is its place here too, so finding one is an index and
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
    /// How often something was not heard of what other replicas did.
    pub(super) epoch: AtomicU32,
    pub(super) others: Arc<Others>,
    pub(super) swept: AtomicU32,
    clock: Clock,
    origin: u64,
    pub(super) telemetry: Telemetry,
}

impl Sessions {
    /// No sessions yet; those that the store has are found when they are asked for. Other replicas are heard of once
    /// it is [attached](Self::attach).
    pub(crate) fn new(store: Store, replica: Arc<Replica>, limits: SessionLimits, telemetry: Telemetry) -> Arc<Self> {
        // What these two keep belongs to one process at a time, and of a sealed session there is nothing to tell.
        let possible = limits.sealed_for.is_none() && !matches!(store.engine(), "memory" | "sqlite");
        let others = Others::new(&store, replica, possible);
        let sessions = Self::among(store, others, limits, Clock::steady(), telemetry);
        if let Some(meters) = sessions.telemetry.meters() {
            meters.watch(&instruments::SESSIONS_OPEN, Arc::downgrade(&sessions), |sessions| {
                #[expect(clippy::cast_precision_loss, reason = "sessions are fewer than that")]
                let open = sessions.here().count() as f64;
                vec![(Vec::new(), open)]
            });
        }
        sessions
    }

    /// The sessions of the only process that uses a store.
    #[cfg(test)]
    pub(super) fn alone(store: Store, limits: SessionLimits) -> Arc<Self> {
        Self::with_clock(store, limits, Clock::steady())
    }

    #[cfg(test)]
    pub(super) fn with_clock(store: Store, limits: SessionLimits, clock: Clock) -> Arc<Self> {
        let others = Others::new(&store, Replica::alone(&store), false);
        Self::among(store, others, limits, clock, Telemetry::default())
    }

    pub(super) fn among(
        store: Store,
        others: Arc<Others>,
        limits: SessionLimits,
        clock: Clock,
        telemetry: Telemetry,
    ) -> Arc<Self> {
        let places = (0..limits.max).map(|_| ArcSwapOption::empty()).collect();
        let origin = clock.millis();
        let (ended, epoch, swept) = (AtomicU64::new(0), AtomicU32::new(0), AtomicU32::new(0));
        let placing = Mutex::default();
        Arc::new(Self { store, limits, places, placing, ended, epoch, others, swept, clock, origin, telemetry })
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

    /// Opens a session. What it takes to find it again is in the store when this returns.
    ///
    /// When there is no seat left, the session that has been idle for longest gives up its own, if that was long enough.
    ///
    /// # Errors
    /// [`OpenError::Full`], or what the store says.
    pub(crate) async fn open(self: &Arc<Self>, hello: Hello, owner: &Principal) -> Result<Arc<Session>, OpenError> {
        self.sweep_if_due();
        let secret = SessionId::draw();
        let hash = id::hash(&secret);
        let own = seats_of(owner);
        let own = Seats::new(&self.store, &own, self.limits.max_per_principal);
        let seat = match self.take_own(&own, owner, &hash).await? {
            Some(seat) => Some(seat),
            None if self.evict(Some(owner)).await => self.take_own(&own, owner, &hash).await?,
            None => None,
        };
        let seat = seat.ok_or(OpenError::Full(self.limits.max_per_principal))?;
        let opened = self.seat(hello, owner, secret, seat).await;
        if opened.is_err() {
            own.leave(seat).await?;
        }
        opened
    }

    async fn seat(
        self: &Arc<Self>,
        hello: Hello,
        owner: &Principal,
        secret: [u8; 16],
        own: Seat,
    ) -> Result<Arc<Session>, OpenError> {
        let created = self.clock.millis();
        let own = (own.number(), own.version().as_u64());
        let record = SessionRecord::new(Parts {
            hash: id::hash(&secret),
            owner: owner.key(),
            revision: hello.revision,
            capabilities: hello.capabilities,
            log_level: None,
            uris: Vec::new(),
            client: &hello.client,
            created,
            used: created,
            seat: Some(own),
        });
        let all = Seats::new(&self.store, ALL, self.limits.max);
        let record = record.write();
        let seat = match self.take_place(&all, &record).await? {
            Some(seat) => Some(seat),
            None if self.evict(None).await => self.take_place(&all, &record).await?,
            None => None,
        };
        let seat = seat.ok_or(OpenError::Full(self.limits.max))?;
        let session = Session::new(SessionId::new(seat.number(), secret), owner.clone(), hello, created);
        session.is_ours.store(true, Ordering::Relaxed);
        let saved = Saved { version: seat.version().as_u64(), seat: Some(own) };
        Ok(self.place(session, saved, self.epoch()))
    }

    async fn take_place(&self, all: &Seats<'_>, record: &Bytes) -> Result<Option<Seat>, StoreError> {
        let may_be_free = |number: u32| self.places.get(number as usize).is_some_and(|place| place.load().is_none());
        all.take_among(record.clone(), self.life(), TRIES, may_be_free).await
    }

    /// While there is room a free seat is found by chance; else those that are taken from here are looked up first.
    async fn take_own(&self, own: &Seats<'_>, owner: &Principal, hash: &str) -> Result<Option<Seat>, StoreError> {
        let found = own.take_among(hash.to_owned(), self.life(), BLIND, |_| true).await?;
        if found.is_some() {
            return Ok(found);
        }
        let taken = self.seats_taken_here(owner);
        own.take_among(hash.to_owned(), self.life(), TRIES, |number| !taken.contains(&number)).await
    }

    /// A session that is in use here: no store, no lock, no allocation. Somebody else's is not found.
    pub(crate) fn cached(self: &Arc<Self>, id: &str, principal: &Principal) -> Option<Arc<Session>> {
        let id = SessionId::parse(id)?;
        self.in_place(&id, principal)
    }

    fn in_place(self: &Arc<Self>, id: &SessionId, principal: &Principal) -> Option<Arc<Session>> {
        let session = self.places.get(id.number as usize)?.load_full()?;
        let is_mine = session.id.is(id) && session.owner().key() == principal.key();
        if !is_mine || session.is_closed() || session.epoch.load(Ordering::Acquire) != self.epoch() {
            return None;
        }
        if self.is_expired(&session) {
            self.forget(&session);
            return None;
        }
        self.touch(&session);
        Some(session)
    }

    /// A session that is in use here and was to be read again, while the store is away. To end it or to change it would
    /// have needed the store too, so it is most likely as it was; it stays in doubt.
    fn doubted(&self, id: &SessionId, principal: &Principal) -> Option<Arc<Session>> {
        let session = self.places.get(id.number as usize)?.load_full()?;
        let is_mine = session.id.is(id) && session.owner().key() == principal.key();
        (is_mine && !session.is_closed() && !self.is_expired(&session)).then_some(session)
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
        for _ in 0..ATTEMPTS {
            let (ended, epoch) = (self.ended.load(Ordering::Acquire), self.epoch());
            let looked = match self.look(&id).await {
                Ok(looked) => looked,
                Err(error) => return self.doubted(&id, principal).map(Some).ok_or(error),
            };
            let Some((record, version)) = looked else {
                self.forget_ended(&id);
                return Ok(None);
            };
            if record.owner != principal.key() {
                return Ok(None);
            }
            let Some(session) = restored(&id, &record, principal) else { return Ok(None) };
            if ended == self.ended.load(Ordering::Acquire) {
                let placed = self.place(session, Saved { version: version.as_u64(), seat: record.seat }, epoch);
                placed.take_up(&record, version, epoch);
                return Ok(Some(placed));
            }
        }
        Ok(None)
    }

    /// Puts a session in its place; one that came there in the meantime under the same id stays.
    fn place(&self, session: Session, saved: Saved, epoch: u32) -> Arc<Session> {
        let now = self.now();
        for when in [&session.seen, &session.written, &session.checked] {
            when.store(now, Ordering::Relaxed);
        }
        session.epoch.store(epoch, Ordering::Release);
        *session.saved.lock().unwrap_or_else(PoisonError::into_inner) = saved;
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

    /// How often something was not heard: what was read before the last time has to be read again.
    pub(super) fn epoch(&self) -> u32 {
        self.epoch.load(Ordering::Acquire)
    }

    /// The record of a session, if it is the one that the id opens.
    pub(super) async fn look(&self, id: &SessionId) -> Result<Option<(SessionRecord, Version)>, StoreError> {
        let Some(entry) = Seats::new(&self.store, ALL, self.limits.max).look(id.number).await? else { return Ok(None) };
        let record = SessionRecord::read(&entry.value);
        let record = record.filter(|record| bool::from(record.hash.as_bytes().ct_eq(id.hash().as_bytes())));
        Ok(record.map(|record| (record, entry.version)))
    }

    /// How long the store keeps a session from its last write, which may lag its last use by a quarter of the time.
    pub(super) fn life(&self) -> Duration {
        self.limits.idle_timeout + self.limits.idle_timeout / 4
    }

    /// The time in milliseconds since 1970.
    pub(super) fn millis(&self) -> u64 {
        self.clock.millis()
    }

    pub(super) fn now(&self) -> u32 {
        u32::try_from(self.clock.millis().saturating_sub(self.origin) / 1000).unwrap_or(u32::MAX)
    }
}

/// The name of the seats of an owner; the key goes in as a hash, for it is as long as a client wants.
pub(super) fn seats_of(owner: &Principal) -> String {
    format!("session-of/{}", hash_id(owner.key()))
}

/// A session from its record. The principal is the one that asks: it has the same key as the owner.
fn restored(id: &SessionId, record: &SessionRecord, principal: &Principal) -> Option<Session> {
    let hello = Hello {
        revision: record.revision()?,
        capabilities: record.capabilities(),
        client: record.client.as_str().into(),
    };
    let session = Session::new(id.clone(), principal.clone(), hello, record.created);
    if let Some(level) = record.log_level {
        session.set_log_level(level);
    }
    session.set_uris(record.uris.clone());
    Some(session)
}
