//! What has expired leaves the file a little at a time, with the writes.

use std::sync::atomic::Ordering;

use sqlx::{Row, SqliteConnection};

use super::engine::Sqlite;
use super::log::forget;

/// Expired rows are removed with every so many writes.
const EVERY: u32 = 32;
/// More than so many writes can have made, so that the rest always dies out.
const VALUES: &str = "DELETE FROM kv WHERE rowid IN (SELECT rowid FROM kv WHERE ends <= ?1 ORDER BY ends LIMIT 128)";
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
        if let Err(error) = self.sweep().await {
            tracing::warn!(%error, "expired state could not be removed; it will be tried again");
        }
    }

    async fn sweep(&self) -> Result<(), sqlx::Error> {
        let now = self.now();
        self.transaction(async |work: &mut SqliteConnection| {
            sqlx::query(VALUES).bind(now).execute(&mut *work).await?;
            for row in sqlx::query(STREAMS).bind(now).fetch_all(&mut *work).await? {
                forget(work, row.try_get(0)?).await?;
            }
            Ok(())
        })
        .await
    }
}
