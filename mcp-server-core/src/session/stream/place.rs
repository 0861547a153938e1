//! Where a stream is written to, and what its log has not taken yet: nothing is left out, and nothing goes in twice.

use std::collections::VecDeque;
use std::time::Duration;

use bytes::Bytes;

use super::entry::{Entry, Kind, Origin};
use crate::session::token::Token;
use crate::store::{Keep, Offset, Store, StoreError, StoreErrorKind};

/// How long it waits before entries are offered to a store again that did not take them.
pub(super) const AGAIN: Duration = Duration::from_millis(250);
const AT_MOST: Duration = Duration::from_secs(5);
/// How many entries one look at the log takes.
const BATCH: usize = 64;

/// Where a stream is written to.
#[derive(Clone, Debug)]
pub(super) struct Place {
    pub(super) store: Store,
    pub(super) token: Token,
    pub(super) log: String,
    pub(super) topic: String,
    pub(super) origin: Origin,
    pub(super) keep: Keep,
}

/// What waits for the log, oldest first. While the store is away a stream falls behind; it loses nothing.
#[derive(Clone, Debug)]
pub(super) struct Backlog {
    waiting: VecDeque<Bytes>,
    /// The last place in the log that is known to be written.
    at: Offset,
    /// Whether the log may have taken the first one without saying so.
    unsure: bool,
}

impl Place {
    /// Wakes a reader on another replica; it looks by itself now and then, should it not hear.
    pub(super) async fn publish(&self, what: &'static [u8]) {
        if let Err(error) = self.store.publish(&self.topic, what).await {
            tracing::debug!(%error, "a reader on another replica could not be woken");
        }
    }

    /// Writes the first entry.
    ///
    /// # Errors
    /// What the store says.
    pub(super) async fn open(&self, data: &[u8]) -> Result<Backlog, StoreError> {
        let at = self.store.append(&self.log, Kind::Opening.entry(&self.origin, data), self.keep).await?;
        Ok(Backlog { waiting: VecDeque::new(), at, unsure: false })
    }
}

impl Backlog {
    /// Whether anything waits.
    pub(super) fn is_empty(&self) -> bool {
        self.waiting.is_empty()
    }

    /// Writes an entry after all that wait.
    ///
    /// # Errors
    /// What the store says. An entry that it never can take is dropped; any other waits.
    pub(super) async fn write(&mut self, to: &Place, kind: Kind, data: &[u8]) -> Result<Offset, StoreError> {
        self.waiting.push_back(kind.entry(&to.origin, data));
        // The log would have trimmed what is over its limits, oldest first; so is what waits for it.
        while self.waiting.len() > 1 && self.is_over(to.keep) {
            self.waiting.pop_front();
            self.unsure = false;
        }
        self.catch_up(to).await
    }

    fn is_over(&self, keep: Keep) -> bool {
        let bytes: usize = self.waiting.iter().map(Bytes::len).sum();
        self.waiting.len() > keep.entries.max(1) as usize || bytes as u64 > keep.bytes.max(1)
    }

    /// Writes what waits.
    ///
    /// # Errors
    /// What the store says; the rest waits.
    pub(super) async fn catch_up(&mut self, to: &Place) -> Result<Offset, StoreError> {
        self.settle(to).await?;
        while let Some(entry) = self.waiting.front() {
            match to.store.append(&to.log, entry.clone(), to.keep).await {
                Ok(offset) => self.at = offset,
                Err(error) if error.kind() == StoreErrorKind::Invalid => {
                    self.waiting.pop_front();
                    return Err(error);
                }
                Err(error) => {
                    self.unsure = true;
                    return Err(error);
                }
            }
            self.waiting.pop_front();
        }
        Ok(self.at)
    }

    /// Looks whether the log has taken the entry that it did not confirm.
    async fn settle(&mut self, to: &Place) -> Result<(), StoreError> {
        if self.unsure {
            for entry in to.store.read(&to.log, self.at, BATCH).await?.entries {
                self.at = entry.offset;
                if self.waiting.front() == Some(&entry.data) {
                    self.waiting.pop_front();
                    break;
                }
            }
            self.unsure = false;
        }
        Ok(())
    }

    /// The messages that wait.
    pub(super) fn messages(&self) -> VecDeque<Bytes> {
        self.waiting.iter().filter_map(Entry::read).map(|entry| entry.data).collect()
    }

    /// Writes what waits as soon as the store takes it; says whether it did while the stream was kept.
    pub(super) async fn insist(&mut self, to: &Place) -> bool {
        let mut pause = AGAIN;
        let insisting = async {
            loop {
                tokio::time::sleep(pause).await;
                if self.catch_up(to).await.is_ok() {
                    return to.publish(b"").await;
                }
                pause = (pause * 2).min(AT_MOST);
            }
        };
        tokio::time::timeout(to.keep.age, insisting).await.is_ok()
    }
}
