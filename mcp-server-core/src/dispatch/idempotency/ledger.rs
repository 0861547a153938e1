//! The ledger: one run's entry under its key, written so that the store ends up with the truth.

use std::time::Duration;

use bytes::Bytes;

use super::record::{Kept, Record, State};
use crate::store::seal::random_id;
use crate::store::{Entry, Expect, Put, Store, StoreError, Version};

/// The first and the longest wait between two tries to write how a run ended.
const WAITS: (Duration, Duration) = (Duration::from_millis(100), Duration::from_secs(5));
/// How often the store is asked for a claim that may have been made: for about a quarter of a minute.
const LOOKS: u32 = 8;

/// One run of one key.
#[derive(Clone, Debug)]
pub(super) struct Ledger {
    pub(super) store: Store,
    pub(super) place: String,
    pub(super) arguments: String,
    pub(super) run: String,
    pub(super) replica: String,
    pub(super) life: Duration,
}

/// How a run leaves its key.
#[derive(Debug)]
pub(super) enum Settlement {
    /// Free, as if nothing had been.
    Release,
    /// With its answer.
    Answer(Kept),
}

impl Ledger {
    /// The same key for another run.
    pub(super) fn renewed(&self) -> Self {
        Self { run: random_id(), ..self.clone() }
    }

    /// Claims the key from an expected state.
    ///
    /// # Errors
    /// What the store says. The claim may have been made all the same; it is taken back in the background.
    pub(super) async fn claim(&self, expect: Expect) -> Result<Put, StoreError> {
        let state = State::Runs { replica: self.replica.clone() };
        let put = self.store.put(&self.place, self.record(state), expect, Some(self.life)).await;
        if put.is_err() {
            self.clone().withdraw_later();
        }
        put
    }

    /// Writes how a run leaves its key, and tells those who wait. What the store does not take now is written later.
    pub(super) async fn settle(&self, version: Version, settlement: Settlement) {
        let written = match &settlement {
            Settlement::Release => self.store.delete(&self.place, Some(version)).await,
            Settlement::Answer(kept) => self.put(kept, version).await,
        };
        if matches!(written, Ok(true)) {
            self.tell().await;
        } else {
            self.clone().settle_later(settlement);
        }
    }

    /// Writes an answer over a state of the record; says whether it was still so.
    pub(super) async fn put(&self, kept: &Kept, version: Version) -> Result<bool, StoreError> {
        let record = serde_json::to_vec(&serde_json::json!({
            "arguments": self.arguments, "run": self.run, "state": { "Ended": kept },
        }));
        let put = self.store.put(&self.place, record.unwrap_or_default(), Expect::Version(version), Some(self.life));
        Ok(put.await?.stored().is_some())
    }

    /// Tells those who wait for the key. A hint: they look by themselves too.
    pub(super) async fn tell(&self) {
        if let Err(error) = self.store.publish(&self.place, Bytes::new()).await {
            tracing::debug!(target: "mcp_server::once", %error, "those who wait for a call were not told of its end");
        }
    }

    /// Tries until the store has taken it, or the record is another run's.
    fn settle_later(self, settlement: Settlement) {
        tokio::spawn(async move {
            let (mut wait, most) = WAITS;
            loop {
                match self.try_to_settle(&settlement).await {
                    Ok(true) => return self.tell().await,
                    Ok(false) => {}
                    Err(error) => {
                        tracing::warn!(target: "mcp_server::once", %error, "the end of a call is not written yet");
                    }
                }
                tokio::time::sleep(wait).await;
                wait = (wait * 2).min(most);
            }
        });
    }

    /// Takes back a claim that may have been made, or may yet be: a write that was given up can still arrive.
    fn withdraw_later(self) {
        tokio::spawn(async move {
            let (mut wait, most) = WAITS;
            let mut looked = 0;
            while looked < LOOKS {
                tokio::time::sleep(wait).await;
                wait = (wait * 2).min(most);
                if self.try_to_settle(&Settlement::Release).await.is_ok() {
                    looked += 1;
                }
            }
            self.tell().await;
        });
    }

    async fn try_to_settle(&self, settlement: &Settlement) -> Result<bool, StoreError> {
        let Some(Entry { value, version }) = self.store.get(&self.place).await? else { return Ok(true) };
        // Whoever took this replica for lost may have written that nothing is known: this run knows better.
        if !serde_json::from_slice::<Record>(&value).is_ok_and(|record| record.run == self.run) {
            return Ok(true);
        }
        match settlement {
            Settlement::Release => self.store.delete(&self.place, Some(version)).await,
            Settlement::Answer(kept) => self.put(kept, version).await,
        }
    }

    fn record(&self, state: State) -> Vec<u8> {
        let record = Record { arguments: self.arguments.clone(), run: self.run.clone(), state };
        serde_json::to_vec(&record).unwrap_or_default()
    }
}
