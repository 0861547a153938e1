//! The end of a session: for every replica at once.

use super::legacy::Session;
use super::others::Hint;
use super::registry::{ALL, ATTEMPTS, Sessions, seats_of};
use crate::principal::Principal;
use crate::store::{Seat, Seats, StoreError};

impl Sessions {
    /// Ends a session, for every replica: its id finds nothing anywhere when this returns. A replica that does not
    /// answer learns of it when it next looks, within seconds of using the session.
    ///
    /// # Errors
    /// What the store says; the session has ended here, and may come back from the store.
    pub(crate) async fn close(&self, session: &Session) -> Result<(), StoreError> {
        self.forget(session);
        for _ in 0..ATTEMPTS {
            let Some((record, version)) = self.look(&session.id).await? else { break };
            // Another replica may note in between that it is in use: its record is a newer one then.
            if self.store.delete(&format!("{ALL}/{}", session.id.number), Some(version)).await? {
                if let Some((number, _)) = record.seat {
                    self.leave_own(session.owner(), number, &record.hash).await?;
                }
                break;
            }
        }
        self.forget(session);
        if let Err(error) = self.others.tell(session, Hint::Ended).await {
            tracing::warn!(%error, "other replicas could not be told that a session has ended, and learn it later");
        }
        Ok(())
    }

    /// Leaves a seat among an owner's sessions, if a session of this hash has it.
    async fn leave_own(&self, owner: &Principal, number: u32, hash: &str) -> Result<(), StoreError> {
        let own = seats_of(owner);
        let own = Seats::new(&self.store, &own, self.limits.max_per_principal);
        match own.look(number).await? {
            Some(entry) if entry.value == hash.as_bytes() => {
                own.leave(Seat::from_parts(number, entry.version)).await.map(drop)
            }
            _ => Ok(()),
        }
    }
}
