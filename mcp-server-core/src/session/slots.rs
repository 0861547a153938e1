//! The slots among an owner's sessions: how many one principal may have is counted by them.

use std::time::Duration;

use super::account::{OwnerSlot, name};
use super::record::SessionRecord;
use super::registry::Sessions;
use super::session::Session;
use crate::store::seal::random;
use crate::store::{Seat, Seats, StoreError, Version};

/// By how much a slot outlives its session's record, so that no session is ever uncounted: more than a write takes.
const MARGIN: Duration = Duration::from_mins(1);

/// How long a writer that lost several races waits: at random, so that two do not meet again.
pub(super) fn pause() -> Duration {
    Duration::from_millis(1 + u64::from(u8::from_be_bytes(random::bytes()) % 16))
}

impl Sessions {
    /// The slots of an account.
    pub(super) fn slots_of<'a>(&'a self, name: &'a str) -> Seats<'a> {
        Seats::new(&self.store, name, self.limits.max_per_principal)
    }

    /// How long a slot is kept from its last write.
    pub(super) fn slot_ttl(&self) -> Duration {
        self.ttl() + MARGIN
    }

    /// Keeps the slot of a session for another while, or takes another one if it was lost.
    pub(super) async fn renew_slot(
        &self,
        session: &Session,
        record: &SessionRecord,
        is_used: bool,
    ) -> Result<Option<(u32, u64)>, StoreError> {
        let name = name(&record.opened.account);
        let slots = self.slots_of(&name);
        let value = OwnerSlot { last_used: self.now(), is_used, ..OwnerSlot::of(record, Some(session.id.number)) };
        let value = value.write();
        let parts = |slot: Seat| (slot.number(), slot.version().as_u64());
        if let Some((number, version)) = record.slot {
            let mut slot = Seat::from_parts(number, Version::from_u64(version));
            loop {
                if let Some(kept) = slots.keep(slot, value.clone(), self.slot_ttl()).await? {
                    return Ok(Some(parts(kept)));
                }
                // Another replica may have kept it for the same session.
                match slots.look(number).await? {
                    Some(entry) if is_of(&entry.value, &record.opened.hash) => {
                        slot = Seat::from_parts(number, entry.version);
                    }
                    _ => break,
                }
            }
        }
        Ok(slots.take(value, self.slot_ttl()).await?.map(parts))
    }

    /// Leaves the slot of a session that has ended. Where that fails, the slot expires, or is found to be stale.
    pub(super) async fn leave_slot(&self, record: &SessionRecord) {
        let Some((number, _)) = record.slot else { return };
        let name = name(&record.opened.account);
        let slots = self.slots_of(&name);
        let left = async {
            match slots.look(number).await? {
                Some(entry) if is_of(&entry.value, &record.opened.hash) => {
                    slots.leave(Seat::from_parts(number, entry.version)).await
                }
                _ => Ok(false),
            }
        };
        if let Err(error) = left.await {
            tracing::debug!(%error, "the slot of a session that has ended could not be given back");
        }
    }
}

/// Whether a slot is that of the session of this hash.
fn is_of(value: &[u8], hash: &str) -> bool {
    OwnerSlot::read(value).is_some_and(|slot| slot.hash == hash)
}
