//! Writing: each change in one transaction, and only of the version that was read.

use mcp_server_core::tool::ToolResult;
use sqlx::AnyConnection;

use super::open::Db;
use super::read::missing;
use crate::ticket::{NewTicket, Ticket};

impl Db {
    /// Adds a ticket; its number.
    pub(crate) async fn create(&self, ticket: &NewTicket) -> ToolResult<i64> {
        Ok(Self::insert(&mut *self.pool.acquire().await?, ticket).await?)
    }

    /// Adds a ticket on a connection; its number.
    pub(super) async fn insert(connection: &mut AnyConnection, ticket: &NewTicket) -> sqlx::Result<i64> {
        sqlx::query_scalar(
            "INSERT INTO ticket (priority, title, body, assignee, words) VALUES ($1, $2, $3, $4, $5) RETURNING id",
        )
        .bind(ticket.priority.name())
        .bind(ticket.title.as_str())
        .bind(ticket.body.as_str())
        .bind(ticket.assignee.as_str())
        .bind(words(&ticket.title, &ticket.body))
        .fetch_one(connection)
        .await
    }

    /// Writes a ticket that was read and changed; its new version.
    ///
    /// # Errors
    /// `conflict` if it changed since it was read, `not_found` if it was deleted, or what the database fails with.
    pub(crate) async fn save(&self, ticket: &Ticket) -> ToolResult<i64> {
        let summary = &ticket.summary;
        let saved = sqlx::query_scalar(
            "UPDATE ticket SET version = version + 1, status = $3, priority = $4, title = $5, body = $6, \
             assignee = $7, words = $8 WHERE id = $1 AND version = $2 RETURNING version",
        )
        .bind(summary.id)
        .bind(ticket.version)
        .bind(summary.status.name())
        .bind(summary.priority.name())
        .bind(summary.title.as_str())
        .bind(ticket.body.as_str())
        .bind(summary.assignee.as_str())
        .bind(words(&summary.title, &ticket.body))
        .fetch_optional(&self.pool)
        .await?;
        match saved {
            Some(version) => Ok(version),
            None => Err(self.overtaken(summary.id, ticket.version).await),
        }
    }

    /// Deletes a ticket that was read, with what was said about it.
    ///
    /// # Errors
    /// As for [`save`](Self::save).
    pub(crate) async fn delete(&self, id: i64, version: i64) -> ToolResult<()> {
        let deleted = sqlx::query("DELETE FROM ticket WHERE id = $1 AND version = $2")
            .bind(id)
            .bind(version)
            .execute(&self.pool)
            .await?;
        if deleted.rows_affected() == 0 { Err(self.overtaken(id, version).await) } else { Ok(()) }
    }

    /// Adds to what was said about a ticket.
    ///
    /// # Errors
    /// `not_found`, or what the database fails with.
    pub(crate) async fn comment(&self, id: i64, author: &str, text: &str) -> ToolResult<()> {
        let sql = "INSERT INTO comment (ticket, author, text) SELECT id, $2, $3 FROM ticket WHERE id = $1";
        let added = sqlx::query(sql).bind(id).bind(author).bind(text).execute(&self.pool).await?;
        if added.rows_affected() == 0 { Err(missing(id)) } else { Ok(()) }
    }

    /// Why a ticket could not be changed.
    async fn overtaken(&self, id: i64, version: i64) -> mcp_server_core::tool::ToolError {
        match self.ticket(id).await.and_then(|ticket| ticket.unchanged_since(version)) {
            Err(error) => error,
            // It was away and is back as it was: nobody does that, and trying again is right.
            Ok(()) => mcp_server_core::tool::ToolError::conflict(format!("ticket {id} could not be changed")),
        }
    }
}

fn words(title: &str, body: &str) -> String {
    format!("{title} {body}").to_lowercase()
}
