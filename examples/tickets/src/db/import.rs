//! Importing: batches that count themselves, so that no ticket is written twice, whoever writes it.

use std::time::Duration;

use mcp_server_core::tool::ToolResult;

use super::open::Db;
use crate::ticket::NewTicket;

/// How many tickets are written in one transaction.
const BATCH: u32 = 25;

impl Db {
    /// Begins an import, or goes on with it; how many of its tickets are written.
    pub(crate) async fn begin_import(&self, name: &str) -> ToolResult<usize> {
        let sql = "INSERT INTO import (name) VALUES ($1) ON CONFLICT (name) DO NOTHING";
        sqlx::query(sql).bind(name).execute(&self.pool).await?;
        self.imported(name).await
    }

    async fn imported(&self, name: &str) -> ToolResult<usize> {
        let done: i64 =
            sqlx::query_scalar("SELECT done FROM import WHERE name = $1").bind(name).fetch_one(&self.pool).await?;
        Ok(usize::try_from(done).unwrap_or(0))
    }

    /// Writes the next tickets of an import, and how far it has come with them; how far that is.
    ///
    /// A worker that was taken for dead may still be at work. The count is what both must move, and only one can: the
    /// other one writes nothing and goes on from where the first has come to.
    pub(crate) async fn import_next(&self, name: &str, tickets: &[NewTicket], done: usize) -> ToolResult<usize> {
        let next: Vec<&NewTicket> = tickets.iter().skip(done).take(BATCH as usize).collect();
        let mut writing = self.begin().await?;
        let moved = sqlx::query("UPDATE import SET done = done + $2 WHERE name = $1 AND done = $3")
            .bind(name)
            .bind(i64::try_from(next.len()).unwrap_or(0))
            .bind(i64::try_from(done).unwrap_or(0))
            .execute(&mut *writing)
            .await?;
        if moved.rows_affected() == 0 {
            drop(writing);
            return self.imported(name).await;
        }
        for ticket in &next {
            Self::insert(&mut writing, ticket).await?;
        }
        writing.commit().await?;
        Ok(done + next.len())
    }

    /// The time in which an import may write one batch.
    pub(crate) fn import_pause(&self) -> Duration {
        Duration::from_secs(1) * BATCH / self.import_rate
    }
}
