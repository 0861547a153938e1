//! What has expired leaves the tables a little at a time: with the writes, and by itself.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use tokio::time::Instant;

use super::engine::Postgres;
use super::fault::in_use;
use crate::background;
use crate::store::error::StoreError;

/// Expired rows are removed with every so many writes of a process.
const EVERY: u32 = 32;
/// More than so many writes can have made, so that the rest always dies out; fewer streams, for each has entries.
const SWEEP: &str = "SELECT 1 FROM sweep(128, 48)";

/// The values that one batch of a sweep removes, and how many batches a sweep has at most.
const VALUES: &str = "WITH swept AS (
        DELETE FROM kv USING (
            SELECT key FROM kv WHERE ends <= millis(clock_timestamp()) ORDER BY ends LIMIT 1000 FOR UPDATE SKIP LOCKED
        ) expired WHERE kv.key = expired.key AND kv.ends <= millis(clock_timestamp()) RETURNING 1
    ) SELECT count(*) FROM swept";
const STREAMS: &str = "SELECT 1 FROM sweep(0, 256)";
const FULL: i64 = 1000;
const BATCHES: u32 = 20;
/// How long a sweep goes on at most.
const TIME: Duration = Duration::from_secs(1);

impl Postgres {
    /// Removes expired rows until few are left, or for a while.
    pub(super) async fn sweep(&self) -> Result<(), StoreError> {
        let began = Instant::now();
        self.write(sqlx::query(STREAMS)).await?;
        for _ in 0..BATCHES {
            let rows = self.write(sqlx::query(VALUES)).await?;
            let row = rows.first().ok_or(sqlx::Error::RowNotFound);
            let swept: i64 = row.and_then(|row| sqlx::Row::try_get(row, 0)).map_err(in_use)?;
            if swept < FULL || began.elapsed() >= TIME {
                break;
            }
        }
        Ok(())
    }

    /// Removes some expired rows if enough was written since the last time; nobody waits for it.
    pub(super) fn sweep_if_due(&self) {
        if !self.0.writes.fetch_add(1, Ordering::Relaxed).is_multiple_of(EVERY)
            || self.0.sweeping.swap(true, Ordering::AcqRel)
        {
            return;
        }
        let engine = Self(Arc::clone(&self.0));
        background::spawn("store_sweep", async move {
            if let Err(error) = engine.write(sqlx::query(SWEEP)).await {
                tracing::warn!(%error, "expired state could not be removed; it will be tried again");
            }
            engine.0.sweeping.store(false, Ordering::Release);
        });
    }
}
