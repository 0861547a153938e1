//! What has expired leaves the tables a little at a time, with the writes.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use super::engine::Postgres;

/// Expired rows are removed with every so many writes of a process.
const EVERY: u32 = 32;
/// More than so many writes can have made, so that the rest always dies out; fewer streams, for each has entries.
const SWEEP: &str = "SELECT 1 FROM sweep(128, 48)";

impl Postgres {
    /// Removes some expired rows if enough was written since the last time; nobody waits for it.
    pub(super) fn sweep_if_due(&self) {
        if !self.0.writes.fetch_add(1, Ordering::Relaxed).is_multiple_of(EVERY)
            || self.0.sweeping.swap(true, Ordering::AcqRel)
        {
            return;
        }
        let engine = Self(Arc::clone(&self.0));
        tokio::spawn(async move {
            if let Err(error) = engine.write(sqlx::query(SWEEP)).await {
                tracing::warn!(%error, "expired state could not be removed; it will be tried again");
            }
            engine.0.sweeping.store(false, Ordering::Release);
        });
    }
}
