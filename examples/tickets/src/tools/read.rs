//! Reading: find tickets, read one.

use mcp_server_core::prelude::*;

use crate::db::{Db, Filter};
use crate::ticket::{Status, Summary, Ticket};

/// Find tickets that have all of some words in their title or text, newest first.
#[tool(read_only, title = "Search tickets", scopes("tickets:read"), timeout = "5s")]
pub(super) async fn search_tickets(
    State(db): State<Db>,
    /// Words that must all occur, in any order; none for all tickets.
    #[arg(max_length = 200, default = "")]
    words: String,
    /// Only the open or only the closed ones.
    status: Option<Status>,
    /// How many at most.
    #[arg(range = 1..=50, default = 10)]
    limit: u16,
) -> ToolResult<Rows<Summary>> {
    let (found, total) = db.search(&Filter::new(&words, status), limit).await?;
    Ok(Rows::from(found).or_empty(why_none(&words, status))?.total(total))
}

/// Read a ticket in full, with what was said about it.
#[tool(read_only, title = "Read a ticket", scopes("tickets:read"), timeout = "5s")]
pub(super) async fn get_ticket(
    State(db): State<Db>,
    /// The ticket's number.
    #[arg(range = 1..)]
    id: i64,
) -> ToolResult<Structured<Ticket>> {
    db.ticket(id).await.map(Structured)
}

/// Says where was looked.
pub(super) fn why_none(words: &str, status: Option<Status>) -> String {
    let which = status.map(|status| format!("{} ", status.name())).unwrap_or_default();
    match words.trim() {
        "" => format!("there is no {which}ticket"),
        words => format!("no {which}ticket has all of the words: {words}"),
    }
}
