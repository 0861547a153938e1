//! Sealing keys that replicas agree on: one record in their store, made and changed by compare-and-swap.
//!
//! Whoever starts first makes the first key, and all who start with it read the same one. When the newest key has come
//! of age, one replica adds the next: for a while that only opens, until every replica must have read it; then it seals.
//! A key that seals no more opens for longer than anything sealed by it lives.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::clock::{Clock, span};
use super::error::StoreError;
use super::handle::Store;
use super::kv::{Expect, Put};
use super::seal::{SealKey, random_id, random_token};

/// The record. Whoever can read the store can read the keys.
const RECORD: &str = "seal/keys";
/// The topic of hints that the record has changed.
pub(crate) const TOPIC: &str = "seal";
/// How long a new key only opens: many times what a replica needs to read it, and room for clocks that disagree.
const OVERLAP: Duration = Duration::from_mins(10);
/// How often the record is written again when somebody else wrote in between.
const ATTEMPTS: usize = 16;

/// The keys in a store, and when they change.
#[derive(Clone, Debug)]
pub(crate) struct Keyring {
    store: Store,
    clock: Clock,
    /// The age at which the newest key gets a successor.
    rotate: Duration,
    /// How long anything sealed lives at most.
    life: Duration,
}

#[derive(Default, Serialize, Deserialize)]
struct Record {
    /// The oldest first.
    keys: Vec<Kept>,
}

#[derive(Serialize, Deserialize)]
struct Kept {
    id: String,
    secret: String,
    /// When, in milliseconds since 1970.
    made: u64,
}

impl Keyring {
    /// The keys of a store, each in use for `rotate`, sealing nothing that lives for longer than `life`.
    pub(crate) fn of(store: &Store, rotate: Duration, life: Duration) -> Self {
        Self { store: store.clone(), clock: store.clock().clone(), rotate, life }
    }

    /// The keys of now, the one that seals first; they are made or changed if it is time.
    ///
    /// # Errors
    /// What the store says; [`StoreError::Corrupt`] if the record is not one, which is then left as it is.
    pub(crate) async fn read(&self) -> Result<Vec<SealKey>, StoreError> {
        let mut seen = self.store.get(RECORD).await?;
        for _ in 0..ATTEMPTS {
            let mut record = match &seen {
                Some(entry) => serde_json::from_slice(&entry.value).map_err(|error| self.corrupt(error))?,
                None => Record::default(),
            };
            let now = self.clock.millis();
            if !self.turn(&mut record, now) {
                return self.keys(record, now);
            }
            let expect = seen.as_ref().map_or(Expect::Absent, |entry| Expect::Version(entry.version));
            let value = serde_json::to_vec(&record).map_err(|error| self.corrupt(error))?;
            match self.store.put(RECORD, value, expect, None).await? {
                Put::Stored(_) => {
                    let key = record.keys.last().map(|key| key.id.as_str());
                    let what = if seen.is_none() { "made" } else { "changed" };
                    tracing::info!(target: "mcp_server::seal", key, "the sealing keys in the store were {what}");
                    if let Err(error) = self.store.publish(TOPIC, "").await {
                        tracing::debug!(target: "mcp_server::seal", %error, "the other replicas learn of it later");
                    }
                    return self.keys(record, now);
                }
                Put::Refused(other) => seen = other,
            }
        }
        Err(self.corrupt("it changes faster than it can be read"))
    }

    /// Brings a record up to date; says whether that changed it.
    fn turn(&self, record: &mut Record, now: u64) -> bool {
        let before = record.keys.len();
        let kept = span(OVERLAP * 2).saturating_add(span(self.life));
        while record.keys.get(1).is_some_and(|successor| successor.made.saturating_add(kept) <= now) {
            record.keys.remove(0);
        }
        let newest = record.keys.last();
        let due = newest.is_none_or(|newest| newest.made.saturating_add(span(self.rotate)) <= now);
        if due {
            record.keys.push(Kept { id: random_id(), secret: random_token(), made: now });
        }
        due || record.keys.len() != before
    }

    /// The keys of a record, the one that seals first: the newest that every replica must have read, or the only one.
    fn keys(&self, record: Record, now: u64) -> Result<Vec<SealKey>, StoreError> {
        let is_read = |key: &Kept| key.made.saturating_add(span(OVERLAP)) <= now;
        let seals = record.keys.iter().rposition(is_read).unwrap_or(0);
        let keys = record.keys.into_iter().map(|key| SealKey::new(key.id, key.secret));
        let mut keys: Vec<SealKey> = keys.collect::<Result<_, _>>().map_err(|error| self.corrupt(error))?;
        let last = keys.len().saturating_sub(1);
        keys.swap(0, seals.min(last));
        Ok(keys)
    }

    /// The error of keys that cannot be keys.
    pub(crate) fn corrupt(&self, source: impl Into<super::error::Cause>) -> StoreError {
        StoreError::Corrupt { engine: self.store.engine(), source: source.into() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::StoreErrorKind;

    const DAY: Duration = Duration::from_hours(24);

    fn ring(store: &Store, clock: &Clock) -> Keyring {
        Keyring { clock: clock.clone(), ..Keyring::of(store, 30 * DAY, DAY) }
    }

    async fn ids(ring: &Keyring) -> Vec<String> {
        ring.read().await.unwrap().iter().map(|key| key.id().to_owned()).collect()
    }

    #[tokio::test]
    async fn all_who_start_together_have_the_same_key() {
        let (store, clock) = (Store::memory(), Clock::manual());
        let starting = (0..16).map(|_| {
            let ring = ring(&store, &clock);
            tokio::spawn(async move { ids(&ring).await })
        });
        let all = futures_util::future::join_all(starting).await;
        let first = all[0].as_ref().unwrap();
        assert_eq!(first.len(), 1);
        assert!(all.iter().all(|ids| ids.as_ref().unwrap() == first));
    }

    #[tokio::test]
    async fn a_new_key_only_opens_at_first_then_seals_and_the_old_one_goes_last() {
        let (store, clock) = (Store::memory(), Clock::manual());
        let (one, two) = (ring(&store, &clock), ring(&store, &clock));
        let old = ids(&one).await.remove(0);
        clock.advance(29 * DAY);
        assert_eq!(ids(&two).await, [old.as_str()]);
        clock.advance(DAY);
        let both = ids(&one).await;
        assert_eq!((both.len(), &both[0]), (2, &old), "the old one seals until all know the new one");
        assert_eq!(ids(&two).await, both);
        clock.advance(OVERLAP);
        assert_eq!(ids(&two).await, [both[1].as_str(), &old], "the new one seals, the old one opens");
        clock.advance(DAY);
        assert_eq!(ids(&one).await.len(), 2, "what the old one sealed last may still live");
        clock.advance(OVERLAP);
        assert_eq!(ids(&one).await, [both[1].as_str()]);
    }

    #[tokio::test]
    async fn whoever_changes_the_keys_tells_the_others() {
        let (store, clock) = (Store::memory(), Clock::manual());
        let ring = ring(&store, &clock);
        let mut hints = store.subscribe(TOPIC, 4).await.unwrap();
        ring.read().await.unwrap();
        assert!(hints.try_recv().is_some());
        ring.read().await.unwrap();
        assert!(hints.try_recv().is_none(), "reading changes nothing");
    }

    #[tokio::test]
    async fn a_record_that_is_none_is_not_written_over() {
        let (store, clock) = (Store::memory(), Clock::manual());
        store.set(RECORD, "not a record", None).await.unwrap();
        let error = ring(&store, &clock).read().await.unwrap_err();
        assert_eq!(error.kind(), StoreErrorKind::Corrupt);
        assert_eq!(store.get(RECORD).await.unwrap().unwrap().value, "not a record");
    }
}
