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
use super::record::{Parts, SessionRecord};
use super::stream::{EventId, StreamError, StreamReader, StreamWriter};
use crate::principal::Principal;
use crate::protocol::RequestId;
use crate::store::seal::hash_id;
use crate::store::{Clock, Seat, Seats, Store, StoreError, Version};

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
    ended: AtomicU64,
    pub(super) swept: AtomicU32,
    clock: Clock,
    origin: u64,
}

impl Sessions {
    /// No sessions yet; those that the store has are found when they are asked for.
    pub(crate) fn new(store: Store, limits: SessionLimits) -> Arc<Self> {
        Self::with_clock(store, limits, Clock::steady())
    }

    pub(super) fn with_clock(store: Store, limits: SessionLimits, clock: Clock) -> Arc<Self> {
        let places = (0..limits.max).map(|_| ArcSwapOption::empty()).collect();
        let origin = clock.millis();
        let (ended, swept) = (AtomicU64::new(0), AtomicU32::new(0));
        Arc::new(Self { store, limits, places, placing: Mutex::default(), ended, swept, clock, origin })
    }

    /// Ends the work of all sessions here; the sessions themselves stay in the store, for the next process.
    pub(crate) fn stop(&self) {
        for session in self.here() {
            self.forget(&session);
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
        let own = seats_of(owner);
        let own = Seats::new(&self.store, &own, self.limits.max_per_principal);
        let seat = match self.take_own(&own, owner).await? {
            Some(seat) => Some(seat),
            None if self.evict(Some(owner)).await => self.take_own(&own, owner).await?,
            None => None,
        };
        let seat = seat.ok_or(OpenError::Full(self.limits.max_per_principal))?;
        let opened = self.seat(hello, owner, seat).await;
        if opened.is_err() {
            own.leave(seat).await?;
        }
        opened
    }

    async fn seat(self: &Arc<Self>, hello: Hello, owner: &Principal, own: Seat) -> Result<Arc<Session>, OpenError> {
        let secret = SessionId::draw();
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
        let saved = Saved { version: seat.version().as_u64(), seat: Some(own) };
        Ok(self.place(session, saved))
    }

    async fn take_place(&self, all: &Seats<'_>, record: &Bytes) -> Result<Option<Seat>, StoreError> {
        let may_be_free = |number: u32| self.places.get(number as usize).is_some_and(|place| place.load().is_none());
        all.take_among(record.clone(), self.life(), TRIES, may_be_free).await
    }

    /// While there is room a free seat is found by chance; else those that are taken from here are looked up first.
    async fn take_own(&self, own: &Seats<'_>, owner: &Principal) -> Result<Option<Seat>, StoreError> {
        let found = own.take_among("", self.life(), BLIND, |_| true).await?;
        if found.is_some() {
            return Ok(found);
        }
        let taken = self.seats_taken_here(owner);
        own.take_among("", self.life(), TRIES, |number| !taken.contains(&number)).await
    }

    /// A session that is in use here: no store, no lock, no allocation. Somebody else's is not found.
    pub(crate) fn cached(self: &Arc<Self>, id: &str, principal: &Principal) -> Option<Arc<Session>> {
        let id = SessionId::parse(id)?;
        self.in_place(&id, principal)
    }

    fn in_place(self: &Arc<Self>, id: &SessionId, principal: &Principal) -> Option<Arc<Session>> {
        let session = self.places.get(id.number as usize)?.load_full()?;
        if !session.id.is(id) || session.owner().key() != principal.key() || session.is_closed() {
            return None;
        }
        if self.is_expired(&session) {
            self.forget(&session);
            return None;
        }
        self.touch(&session);
        Some(session)
    }

    /// A session, from the store if it is not in use here: it survives a restart of the process.
    ///
    /// # Errors
    /// What the store says; then it is not known whether there is such a session.
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
            let ended = self.ended.load(Ordering::Acquire);
            let Some((record, version)) = self.look(&id).await? else { return Ok(None) };
            if record.owner != principal.key() {
                return Ok(None);
            }
            let Some(session) = restored(&id, &record, principal) else { return Ok(None) };
            if ended == self.ended.load(Ordering::Acquire) {
                return Ok(Some(self.place(session, Saved { version: version.as_u64(), seat: record.seat })));
            }
        }
        Ok(None)
    }

    /// Ends a session, for every process: its id finds nothing from now on.
    ///
    /// # Errors
    /// What the store says; the session has ended here, and may come back from the store.
    pub(crate) async fn close(&self, session: &Session) -> Result<(), StoreError> {
        self.forget(session);
        let found = self.look(&session.id).await?;
        if let Some((record, version)) = found {
            let all = Seats::new(&self.store, ALL, self.limits.max);
            all.leave(Seat::from_parts(session.id.number, version)).await?;
            if let Some((number, version)) = record.seat {
                let own = seats_of(session.owner());
                let own = Seats::new(&self.store, &own, self.limits.max_per_principal);
                own.leave(Seat::from_parts(number, Version::from_u64(version))).await?;
            }
        }
        self.forget(session);
        Ok(())
    }

    /// Opens a stream for the events of a request.
    ///
    /// # Errors
    /// What the store says.
    pub(crate) async fn stream(
        &self,
        session: &Arc<Session>,
        request: &RequestId,
    ) -> Result<(StreamWriter, StreamReader), StoreError> {
        StreamWriter::open(&self.store, session, request, self.limits.keep()).await
    }

    /// Resumes a stream of a session after one of its events.
    ///
    /// # Errors
    /// [`StreamError::Gone`] if that cannot be done without a gap.
    pub(crate) async fn resume(&self, session: &Session, id: EventId) -> Result<StreamReader, StreamError> {
        if !self.limits.are_resumable() {
            return Err(StreamError::Gone);
        }
        let channel = session.channel(id.token);
        StreamReader::resume(&self.store, &session.id.hash(), id, channel).await
    }

    /// Adds an event to the stream that belongs to no request.
    ///
    /// # Errors
    /// What the store says.
    pub(crate) async fn append_standing(&self, session: &Session, message: &[u8]) -> Result<EventId, StoreError> {
        StreamWriter::append_standing(&self.store, &session.id.hash(), message, self.limits.keep()).await
    }

    /// Puts a session in its place; one that came there in the meantime under the same id stays.
    fn place(&self, session: Session, saved: Saved) -> Arc<Session> {
        let now = self.now();
        session.seen.store(now, Ordering::Relaxed);
        session.written.store(now, Ordering::Relaxed);
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
        session.close();
        self.ended.fetch_add(1, Ordering::AcqRel);
        let _alone = self.placing.lock();
        if let Some(place) = self.places.get(session.id.number as usize)
            && place.load().as_ref().is_some_and(|other| other.id.is(&session.id))
        {
            place.store(None);
        }
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
