//! The one way in which the record of a session changes: a change is applied to the record as the store has it, by
//! compare-and-swap, and is confirmed only when stored.

use std::sync::atomic::Ordering;

use thiserror::Error;
use tokio::time::{Instant, timeout_at};

use super::change::SessionChange;
use super::peers::Message;
use super::registry::Sessions;
use super::session::Session;
use super::slots;
use super::stored::{Replaced, Stored};
use crate::protocol::RpcError;
use crate::store::StoreError;

/// After how many lost races a writer waits a moment before the next one.
const RACES: u32 = 3;

/// Why a change was not made, or is not known to be made.
#[derive(Debug, Error)]
pub(crate) enum SessionError {
    /// The record refuses it.
    #[error("the session refuses the change: {}", .0.message)]
    Refused(RpcError),
    /// The session has ended.
    #[error("the session has ended")]
    Ended,
    /// The store. Changes are idempotent, so the client can send it again.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Sessions {
    /// Applies a change. It is in the record when this returns, and the other replicas have it.
    ///
    /// The change is computed from the record as the store has it and repeated when another writer was first, until the
    /// store's deadline. Nothing here has the change before the store has accepted it.
    ///
    /// # Errors
    /// [`SessionError`]; after an error of the store it is not known whether the change was made, and the next request
    /// reads the record.
    pub(crate) async fn apply(&self, session: &Session, change: &SessionChange) -> Result<(), SessionError> {
        let unknown = Unknown(Some(session));
        let deadline = Instant::now() + self.store.deadline();
        let sequence = match timeout_at(deadline, self.write(session, change)).await {
            Ok(Err(error @ SessionError::Store(_))) => return Err(error),
            Ok(written) => {
                unknown.resolve();
                written?
            }
            Err(_) => return Err(self.store.late().into()),
        };
        if change.is_announced()
            && let Err(error) = self.peers.announce(session, Message::Changed(sequence)).await
        {
            // It is stored, so it is so: a peer that was not told reads the record within its bound.
            tracing::warn!(%error, "other replicas could not be told that a session has changed, and learn it later");
        }
        Ok(())
    }

    /// Stores a change. Returns the sequence number of the record that has it.
    async fn write(&self, session: &Session, change: &SessionChange) -> Result<u64, SessionError> {
        let _alone = session.writer.lock().await;
        if session.is_closed() {
            return Err(if session.is_stopped() { self.store.late().into() } else { SessionError::Ended });
        }
        let is_used = session.is_used() || change.is_announced();
        let (mut base, mut is_known) = (None::<Stored>, false);
        let mut slot = None;
        let mut races = 0;
        loop {
            let (began, reading) = (self.ticks(), session.freshness.begin(self.epoch()));
            let held = session.stored();
            let now = base.as_ref().unwrap_or(&held);
            let next = match now.record().with(change, self.limits.uris_per_subscription) {
                Ok(next) => next,
                Err(refusal) if is_known => return Err(SessionError::Refused(refusal)),
                Err(_) => {
                    // The snapshot here may be old: only the record itself refuses.
                    is_known = true;
                    base = Some(Stored::load(&self.store, &session.id).await?.ok_or_else(|| self.gone(session))?);
                    continue;
                }
            };
            if slot.is_none() {
                slot = self.renew_slot(session, now.record(), is_used).await?;
            }
            let mut next = next.used(self.now(), is_used, slot);
            // A store that lost its last writes must not make the number fall.
            next.sequence = next.sequence.max(session.sequence() + 1);
            match now.replace(&self.store, session.id.number, next, self.ttl()).await? {
                Replaced::Accepted(stored) => {
                    let sequence = stored.record().sequence;
                    session.advance(stored);
                    session.freshness.validate(reading);
                    session.checked.fetch_max(began, Ordering::Relaxed);
                    session.renewed.fetch_max(began, Ordering::Relaxed);
                    return Ok(sequence);
                }
                Replaced::Refused(other) => (base, is_known) = (Some(other), true),
                Replaced::Gone => {
                    // Its slot may have been taken anew just now.
                    self.leave_slot(&now.record().clone().used(0, is_used, slot)).await;
                    return Err(self.gone(session));
                }
            }
            races += 1;
            if races > RACES {
                tokio::time::sleep(slots::pause()).await;
            }
        }
    }

    fn gone(&self, session: &Session) -> SessionError {
        self.forget(session);
        SessionError::Ended
    }

    /// Reads the record again. What is newer than the snapshot here replaces it; a change in progress is not in the
    /// snapshot, so there is nothing that a read could undo.
    ///
    /// # Errors
    /// What the store says.
    pub(crate) async fn refresh(&self, session: &Session) -> Result<(), StoreError> {
        let (began, reading) = (self.ticks(), session.freshness.begin(self.epoch()));
        session.refreshed.fetch_max(began, Ordering::Relaxed);
        match Stored::load(&self.store, &session.id).await? {
            Some(stored) => {
                session.advance(stored);
                session.freshness.validate(reading);
                session.checked.fetch_max(began, Ordering::Relaxed);
            }
            None => self.forget(session),
        }
        Ok(())
    }

    /// Ends a session, for every replica: its id finds nothing anywhere when this returns. A replica that does not
    /// answer serves it for one and a half leases at most.
    ///
    /// # Errors
    /// What the store says; the session has ended here, and may come back from the store.
    pub(crate) async fn remove(&self, session: &Session) -> Result<(), StoreError> {
        let deadline = Instant::now() + self.store.deadline();
        self.forget(session);
        match timeout_at(deadline, self.delete(session)).await {
            Ok(deleted) => deleted?,
            Err(_) => return Err(self.store.late()),
        }
        // It may have been read in between.
        self.forget(session);
        if let Err(error) = self.peers.announce(session, Message::Ended).await {
            tracing::warn!(%error, "other replicas could not be told that a session has ended, and learn it later");
        }
        Ok(())
    }

    async fn delete(&self, session: &Session) -> Result<(), StoreError> {
        while let Some(stored) = Stored::load(&self.store, &session.id).await? {
            // Another replica may change it in between: its record is a newer one then.
            if stored.delete(&self.store, session.id.number).await? {
                self.leave_slot(stored.record()).await;
                break;
            }
        }
        Ok(())
    }
}

/// A write whose outcome is not known yet. Dropped before it is resolved, it has the record read again.
struct Unknown<'a>(Option<&'a Session>);

impl Unknown<'_> {
    fn resolve(mut self) {
        self.0 = None;
    }
}

impl Drop for Unknown<'_> {
    fn drop(&mut self) {
        if let Some(session) = self.0 {
            session.freshness.invalidate();
        }
    }
}
