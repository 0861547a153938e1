//! What has expired leaves the file a little at a time: with the writes, and by itself.

use std::sync::atomic::Ordering;
use std::time::Duration;

use sqlx::{Row, SqliteConnection};
use tokio::time::Instant;

use super::engine::Sqlite;
use super::log::forget;

/// Expired rows are removed with every so many writes.
const EVERY: u32 = 32;
/// More than so many writes can have made, so that the rest always dies out.
const VALUES: &str = "DELETE FROM kv WHERE rowid IN (SELECT rowid FROM kv WHERE ends <= ?1 ORDER BY ends LIMIT 128)";
/// How many values one batch removes where there are more.
const LEAST: u64 = 128;
/// How long a sweep goes on at most.
const TIME: Duration = Duration::from_secs(1);
/// Fewer, for each has entries.
const STREAMS: &str = "SELECT id FROM stream WHERE ends <= ?1 ORDER BY ends LIMIT 48";

impl Sqlite {
    /// Removes some expired rows if enough was written since the last time.
    ///
    /// The write before it stands, whatever happens here.
    pub(super) async fn sweep_if_due(&self) {
        if !self.writes.fetch_add(1, Ordering::Relaxed).is_multiple_of(EVERY) {
            return;
        }
        if let Err(error) = self.sweep().await.map(drop) {
            tracing::warn!(%error, "expired state could not be removed; it will be tried again");
        }
    }

    /// Removes expired rows until few are left, or for a while; other writes come in between.
    pub(super) async fn sweep_all(&self) -> Result<(), sqlx::Error> {
        let began = Instant::now();
        while self.sweep().await? >= LEAST && began.elapsed() < TIME {}
        Ok(())
    }

    /// Removes some expired rows; returns how many values they were.
    async fn sweep(&self) -> Result<u64, sqlx::Error> {
        let now = self.now();
        self.transaction(async |work: &mut SqliteConnection| {
            let values = sqlx::query(VALUES).bind(now).execute(&mut *work).await?.rows_affected();
            for row in sqlx::query(STREAMS).bind(now).fetch_all(&mut *work).await? {
                forget(work, row.try_get(0)?).await?;
            }
            Ok(values)
        })
        .await
    }
}
