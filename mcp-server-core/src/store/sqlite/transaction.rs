//! Transactions of the connection that writes.

use sqlx::SqliteConnection;
use sqlx::pool::PoolConnection;

use super::engine::Sqlite;

impl Sqlite {
    /// Runs statements in one transaction, which takes the lock of a writer at once.
    ///
    /// SQLite ends some transactions by itself, such as one that finds the disk full, and no rollback works after that.
    /// The connection of a transaction that was not committed is therefore closed, which undoes the transaction, and the
    /// next operation opens another. The same holds if the future is dropped.
    pub(super) async fn transaction<T>(
        &self,
        work: impl AsyncFnOnce(&mut SqliteConnection) -> Result<T, sqlx::Error>,
    ) -> Result<T, sqlx::Error> {
        let mut lease = Lease(Some(self.writer.acquire().await?));
        let Some(connection) = &mut lease.0 else { return Err(sqlx::Error::PoolClosed) };
        sqlx::query("BEGIN IMMEDIATE").execute(&mut **connection).await?;
        let value = work(connection).await?;
        sqlx::query("COMMIT").execute(&mut **connection).await?;
        lease.keep();
        Ok(value)
    }
}

/// The connection that writes while a transaction uses it. It is closed when dropped, unless it is kept.
struct Lease(Option<PoolConnection<sqlx::Sqlite>>);

impl Lease {
    /// Gives the connection back to its pool.
    fn keep(mut self) {
        drop(self.0.take());
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        // Its slot in the pool is free at once. The next connection waits for the lock until this one is closed.
        drop(self.0.take().map(PoolConnection::detach));
    }
}
