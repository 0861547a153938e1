//! The slots among an owner's sessions: how many one principal may have is counted by them.

use std::time::Duration;

use bytes::Bytes;

use super::record::SessionRecord;
use super::registry::Sessions;
use super::session::Session;
use crate::principal::Principal;
use crate::store::seal::{hash_id, random};
use crate::store::{Seat, Seats, Store, StoreError};

/// By how much a slot outlives its session's record, so that no session is ever uncounted: more than a write takes.
const MARGIN: Duration = Duration::from_mins(1);

/// What is kept in a slot of an owner: enough to find the session that gives way.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct OwnerSlot {
    /// The hash of the session's secret.
    pub(super) hash: String,
    /// The session's number; none before it has one.
    pub(super) number: Option<u32>,
    /// When the session was last known to be in use, in milliseconds since 1970.
    pub(super) last_used: u64,
    /// Whether the session has done anything but open.
    pub(super) is_used: bool,
}

impl OwnerSlot {
    pub(super) fn of(record: &SessionRecord, number: Option<u32>) -> Self {
        let hash = record.opened.hash.to_string();
        Self { hash, number, last_used: record.last_used, is_used: record.is_used }
    }

    pub(super) fn write(&self) -> Bytes {
        let number = self.number.map_or_else(|| "-".to_owned(), |number| number.to_string());
        Bytes::from(format!("{} {number} {} {}", self.hash, self.last_used, u8::from(self.is_used)))
    }

    pub(super) fn read(bytes: &[u8]) -> Option<Self> {
        let mut parts = std::str::from_utf8(bytes).ok()?.split(' ');
        let (hash, number) = (parts.next()?.to_owned(), parts.next()?.parse().ok());
        Some(Self { hash, number, last_used: parts.next()?.parse().ok()?, is_used: parts.next()? == "1" })
    }
}

/// The name under which a principal's sessions are counted, as a hash: a key is as long as a client wants.
pub(super) fn account(owner: &Principal) -> String {
    hash_id(owner.key())
}

/// The name of an account's slots.
pub(super) fn name(account: &str) -> String {
    format!("session-of/{account}")
}

/// How long a writer that lost several races waits: at random, so that two do not meet again.
pub(super) fn pause() -> Duration {
    Duration::from_millis(1 + u64::from(u8::from_be_bytes(random::bytes()) % 16))
}

impl Sessions {
    /// The slots of an account.
    pub(super) fn slots_of<'a>(&'a self, name: &'a str) -> Seats<'a> {
        slots(&self.store, name, self.limits.max_per_principal)
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
            let mut slot = Seat::from_parts(number, crate::store::Version::from_u64(version));
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

fn slots<'a>(store: &'a Store, name: &'a str, max: u32) -> Seats<'a> {
    Seats::new(store, name, max)
}

/// Whether a slot is that of the session of this hash.
fn is_of(value: &[u8], hash: &str) -> bool {
    OwnerSlot::read(value).is_some_and(|slot| slot.hash == hash)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slot_reads_back() {
        for number in [None, Some(7)] {
            let slot = OwnerSlot { hash: "h-_".to_owned(), number, last_used: 5, is_used: number.is_some() };
            assert_eq!(OwnerSlot::read(&slot.write()), Some(slot));
        }
        assert_eq!(OwnerSlot::read(b"x"), None);
    }
}
