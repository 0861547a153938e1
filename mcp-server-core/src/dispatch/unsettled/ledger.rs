//! The ledger: one run's entry under its key, written so that the store ends up with the truth.

use std::time::Duration;

use bytes::Bytes;

use super::record::{Kept, Record, State};
use crate::store::seal::random_id;
use crate::store::{Entry, Expect, Put, Store, StoreError, Version};

/// How much longer than its run may take a claim lasts, and the least that any lasts: a run that is paused, or a store
/// that is away for a while, costs no claim.
const SLACK: Duration = Duration::from_mins(1);
const LEAST: Duration = Duration::from_mins(10);

/// One run of one key.
#[derive(Clone, Debug)]
pub(crate) struct Ledger {
    pub(crate) store: Store,
    pub(crate) place: String,
    pub(crate) arguments: String,
    pub(crate) run: String,
    pub(crate) replica: String,
    /// How long an answer is kept.
    pub(crate) keep: Duration,
    /// How long a run may take.
    pub(crate) timeout: Duration,
}

/// How a run leaves its key.
#[derive(Debug)]
pub(crate) enum Settlement {
    /// Free, as if nothing had been.
    Release,
    /// With its answer.
    Answer(Kept),
}

impl Ledger {
    /// The same key for another run.
    pub(crate) fn renewed(&self) -> Self {
        Self { run: random_id(), ..self.clone() }
    }

    /// How long a claim lasts without being renewed: never shorter than an answer is kept, so that what is known of a run
    /// whose replica died is known for as long as what it answered would be.
    pub(crate) fn lease(&self) -> Duration {
        self.keep.max(self.timeout.saturating_add(SLACK)).max(LEAST)
    }

    /// Keeps the claim for another while; `None` if it is no longer this run's.
    ///
    /// # Errors
    /// What the store says; the claim lasts as it did, or for longer.
    pub(crate) async fn renew(&self, version: Version) -> Result<Option<Version>, StoreError> {
        Ok(self.put_claim(Expect::Version(version)).await?.stored())
    }

    /// Writes the claim over an expected state.
    ///
    /// # Errors
    /// What the store says; the claim may have been made all the same.
    pub(super) async fn put_claim(&self, expect: Expect) -> Result<Put, StoreError> {
        let state = State::Runs { replica: self.replica.clone() };
        let record = Record { arguments: self.arguments.clone(), run: self.run.clone(), state };
        let record = serde_json::to_vec(&record).unwrap_or_default();
        self.store.put(&self.place, record, expect, Some(self.lease())).await
    }

    /// Writes how a run leaves its key over a state of the record; says whether it was still so.
    pub(super) async fn leave(&self, settlement: &Settlement, version: Version) -> Result<bool, StoreError> {
        match settlement {
            Settlement::Release => self.store.delete(&self.place, Some(version)).await,
            Settlement::Answer(kept) => self.put(kept, version).await,
        }
    }

    /// Writes an answer over a state of the record; says whether it was still so.
    pub(crate) async fn put(&self, kept: &Kept, version: Version) -> Result<bool, StoreError> {
        let record = serde_json::to_vec(&serde_json::json!({
            "arguments": self.arguments, "run": self.run, "state": { "Ended": kept },
        }));
        let put = self.store.put(&self.place, record.unwrap_or_default(), Expect::Version(version), Some(self.keep));
        Ok(put.await?.stored().is_some())
    }

    /// Tells those who wait for the key. A hint: they look by themselves too.
    pub(crate) async fn tell(&self) {
        if let Err(error) = self.store.publish(&self.place, Bytes::new()).await {
            tracing::debug!(target: "mcp_server::once", %error, "those who wait for a call were not told of its end");
        }
    }

    /// Writes how a run leaves its key, whatever is there now; says whether nothing is left to do.
    pub(super) async fn try_to_settle(&self, settlement: &Settlement) -> Result<bool, StoreError> {
        let Some(Entry { value, version }) = self.store.get(&self.place).await? else { return Ok(true) };
        // Whoever took this replica for lost may have written that nothing is known: this run knows better.
        if !serde_json::from_slice::<Record>(&value).is_ok_and(|record| record.run == self.run) {
            return Ok(true);
        }
        self.leave(settlement, version).await
    }
}
