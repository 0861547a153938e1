//! The accounts of sessions: under which name the sessions of a principal are counted, and what is kept in each slot.

use bytes::Bytes;

use super::record::SessionRecord;
use crate::principal::Principal;
use crate::store::seal::hash_id;

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

/// The name under which a principal's sessions are counted, as a hash: a key is as long as a client wants. Callers without
/// credentials are told apart by their address.
pub(super) fn account(owner: &Principal) -> String {
    hash_id(owner.quota_key())
}

/// The name of an account's slots.
pub(super) fn name(account: &str) -> String {
    format!("session-of/{account}")
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
