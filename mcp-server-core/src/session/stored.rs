//! Snapshots of a session's record, exactly as the store returned or accepted them.

use std::time::Duration;

use subtle::ConstantTimeEq as _;

use super::id::SessionId;
use super::record::SessionRecord;
use crate::store::{Entry, Expect, Put, Seat, Seats, Store, StoreError, Version};

/// Under this name the store has one slot for each session, which holds the session's record.
pub(super) const ALL: &str = "session";

/// A record as the store returned or accepted it. There is no other way to make one, so memory never holds a change
/// that the store has not confirmed.
#[derive(Debug)]
pub(super) struct Stored {
    record: SessionRecord,
    version: Version,
}

/// How a compare-and-swap of a record ended.
#[derive(Debug)]
pub(super) enum Replaced {
    /// The record is stored.
    Accepted(Stored),
    /// Another writer was first. This is the record as it is now.
    Refused(Stored),
    /// The session has ended.
    Gone,
}

impl Stored {
    /// Reads the record that an id opens.
    pub(super) async fn load(store: &Store, id: &SessionId) -> Result<Option<Self>, StoreError> {
        Ok(Self::load_number(store, id.number).await?.filter(|stored| {
            // How long the comparison takes tells nothing about the hash.
            bool::from(stored.record.opened.hash.as_bytes().ct_eq(id.hash().as_bytes()))
        }))
    }

    /// Reads the record in a slot, whichever session has it.
    pub(super) async fn load_number(store: &Store, number: u32) -> Result<Option<Self>, StoreError> {
        Ok(store.get(&key(number)).await?.and_then(|entry| Self::read(&entry)))
    }

    /// A record that was put into a slot.
    pub(super) fn created(record: SessionRecord, slot: Seat) -> Self {
        Self { record, version: slot.version() }
    }

    /// The record of a session that lives and ends with its connection: no store knows it.
    pub(super) fn local(record: SessionRecord) -> Self {
        Self { record, version: Version::from_u64(0) }
    }

    /// Puts another record in the place of this one, if the store still has this one.
    pub(super) async fn replace(
        &self,
        store: &Store,
        number: u32,
        record: SessionRecord,
        ttl: Duration,
    ) -> Result<Replaced, StoreError> {
        match store.put(&key(number), record.write(), Expect::Version(self.version), Some(ttl)).await? {
            Put::Stored(version) => Ok(Replaced::Accepted(Self { record, version })),
            Put::Refused(entry) => Ok(entry
                .and_then(|entry| Self::read(&entry))
                .filter(|other| other.record.opened.hash == self.record.opened.hash)
                .map_or(Replaced::Gone, Replaced::Refused)),
        }
    }

    /// Deletes the record, if the store still has this one. Returns whether it had.
    pub(super) async fn delete(&self, store: &Store, number: u32) -> Result<bool, StoreError> {
        store.delete(&key(number), Some(self.version)).await
    }

    pub(super) fn version(&self) -> Version {
        self.version
    }

    pub(super) fn record(&self) -> &SessionRecord {
        &self.record
    }

    fn read(entry: &Entry) -> Option<Self> {
        Some(Self { record: SessionRecord::read(&entry.value)?, version: entry.version })
    }
}

/// The slots of all sessions.
pub(super) fn all(store: &Store, max: u32) -> Seats<'_> {
    Seats::new(store, ALL, max)
}

fn key(number: u32) -> String {
    format!("{ALL}/{number}")
}
