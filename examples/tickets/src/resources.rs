//! The resources: tickets as documents, which can be watched.

use std::fmt::Write as _;

use mcp_server_core::prelude::*;
use mcp_server_core::tool::{IntoItems, Item};

use crate::db::{Db, Filter};
use crate::ticket::Status;

/// How many tickets the list shows.
const LISTED: u16 = 50;

/// Every resource.
pub(crate) fn all() -> Vec<Item> {
    resources![open, ticket].into_items()
}

/// The open tickets, newest first.
#[resource("tickets://open", title = "Open tickets", mime = "text/markdown", scopes("tickets:read"))]
async fn open(State(db): State<Db>) -> ToolResult<String> {
    list(&db).await
}

/// One ticket with what was said about it.
#[resource("ticket://{id}", title = "A ticket", mime = "application/json", scopes("tickets:read"))]
async fn ticket(
    State(db): State<Db>,
    /// The ticket's number.
    #[arg(complete = ids)]
    id: i64,
) -> ToolResult<String> {
    Ok(serde_json::to_string_pretty(&db.ticket(id).await?)?)
}

/// The open tickets as a list in Markdown.
pub(crate) async fn list(db: &Db) -> ToolResult<String> {
    let (tickets, total) = db.search(&Filter::new("", Some(Status::Open)), LISTED).await?;
    let mut text = match total {
        0 => return Ok("There is no open ticket.\n".to_owned()),
        total if total > u64::from(LISTED) => format!("The newest {LISTED} of {total} open tickets:\n\n"),
        total => format!("All {total} open tickets, newest first:\n\n"),
    };
    for ticket in tickets {
        let assignee = if ticket.assignee.is_empty() { "nobody" } else { &ticket.assignee };
        writeln!(text, "- {} ({}, {assignee}): {}", ticket.id, ticket.priority.name(), ticket.title)?;
    }
    Ok(text)
}

/// The numbers of open tickets that begin with what was typed.
pub(crate) async fn ids(context: Context, typed: String) -> Vec<String> {
    let Some(db) = context.state::<Db>() else { return Vec::new() };
    let open = db.matching(&Filter::new("", Some(Status::Open)), 1000).await.unwrap_or_default();
    open.iter().map(i64::to_string).filter(|id| id.starts_with(&typed)).collect()
}
