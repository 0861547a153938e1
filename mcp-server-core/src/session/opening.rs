//! Opening sessions: at most so many in all, and at most so many of one principal.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use bytes::Bytes;
use thiserror::Error;

use super::account::{self, OwnerSlot};
use super::eviction::Room;
use super::id::{self, SessionId};
use super::initialize::Hello;
use super::record::SessionRecord;
use super::registry::Sessions;
use super::session::Session;
use super::stored::{self, Stored};
use super::surveys::Scope;
use crate::principal::Principal;
use crate::store::{Seat, Seats, StoreError};

/// How many slots are tried at random before it is looked which of them are free.
const BLIND: usize = 6;
/// How often a slot that was free is lost to somebody else before the client is told to come back.
const ATTEMPTS: usize = 8;
/// How long a slot is kept for a session that is being opened.
const OPENING: Duration = Duration::from_mins(1);
/// What a client is told to wait when others were faster each time.
const SOON: Duration = Duration::from_secs(1);

/// Why no session was opened.
#[derive(Debug, Error)]
pub(crate) enum OpenError {
    /// There are as many as may be, and none of them gives way now.
    #[error("{limit} sessions are open, and more may not be ({setting})")]
    Full {
        /// How many may be open.
        limit: u32,
        /// The setting that says so.
        setting: &'static str,
        /// When the first of them gives way, if it is not used until then.
        retry_after: Duration,
    },
    /// The store.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Sessions {
    /// Opens a session. What it takes to find it again is in the store when this returns.
    ///
    /// When there is no slot left, the oldest session that did nothing but open gives way; if there is none, the one that
    /// has been idle for longest, if that was long enough, whichever replica has it.
    ///
    /// # Errors
    /// [`OpenError::Full`], or what the store says.
    pub(crate) async fn open(self: &Arc<Self>, hello: Hello, owner: &Principal) -> Result<Arc<Session>, OpenError> {
        let secret = SessionId::draw();
        let account = account::account(owner);
        let record = SessionRecord::first(id::hash(&secret), owner, &account, hello, self.now());
        let name = account::name(&account);
        let own = self.slots_of(&name);
        let value = OwnerSlot::of(&record, None).write();
        let slot = self.take(&own, Scope::Of(&account), value, OPENING).await?;
        let opened = self.open_with(owner, secret, &record, &own, slot).await;
        if opened.is_err()
            && let Err(error) = own.leave(slot).await
        {
            tracing::debug!(%error, "the slot of a session that was not opened could not be given back");
        }
        opened
    }

    async fn open_with(
        self: &Arc<Self>,
        owner: &Principal,
        secret: [u8; 16],
        record: &SessionRecord,
        own: &Seats<'_>,
        slot: Seat,
    ) -> Result<Arc<Session>, OpenError> {
        let (epoch, began) = (self.epoch(), self.ticks());
        let all = stored::all(&self.store, self.limits.max);
        let record = record.clone().used(0, false, Some((slot.number(), slot.version().as_u64())));
        let seat = self.take(&all, Scope::All, record.write(), self.ttl()).await?;
        // The slot says where the session is from now on, and is kept as long as it.
        let value = OwnerSlot::of(&record, Some(seat.number())).write();
        match own.keep(slot, value, self.slot_ttl()).await {
            Ok(Some(_)) => {}
            kept => {
                all.leave(seat).await?;
                kept?;
                return Err(self.full(Scope::All, SOON));
            }
        }
        let id = SessionId::new(seat.number(), secret);
        let session = Session::new(id, owner.clone(), Stored::created(record, seat));
        session.is_ours.store(true, Ordering::Relaxed);
        Ok(self.place(session, epoch, began))
    }

    /// Takes a slot, of a session that gives way if there is no other.
    async fn take(&self, slots: &Seats<'_>, scope: Scope<'_>, value: Bytes, ttl: Duration) -> Result<Seat, OpenError> {
        let may_be_free = |number: u32| match scope {
            Scope::All => self.places.get(number as usize).is_some_and(|place| place.load().is_none()),
            Scope::Of(_) => true,
        };
        if let Some(slot) = slots.take_among(value.clone(), ttl, BLIND, may_be_free).await? {
            return Ok(slot);
        }
        for _ in 0..ATTEMPTS {
            // Others may be making room just now.
            let room = tokio::time::timeout(self.store.deadline(), self.make_room(scope)).await;
            let free = match room.unwrap_or_else(|_| Err(self.store.late()))? {
                Room::Free(numbers) => numbers,
                Room::Full(retry_after) => return Err(self.full(scope, retry_after)),
            };
            let taken = slots.take_among(value.clone(), ttl, BLIND, |number| free.contains(&number)).await?;
            if let Some(slot) = taken {
                return Ok(slot);
            }
        }
        Err(self.full(scope, SOON))
    }

    fn full(&self, scope: Scope<'_>, retry_after: Duration) -> OpenError {
        let (limit, setting) = match scope {
            Scope::All => (self.limits.max, "session.max"),
            Scope::Of(_) => (self.limits.max_per_principal, "session.max_per_principal"),
        };
        OpenError::Full { limit, setting, retry_after }
    }
}
