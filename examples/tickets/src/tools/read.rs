//! Reading: find tickets, read one.

use mcp_server_core::prelude::*;

use crate::db::{Db, Filter};
use crate::ticket::{Status, Summary, Ticket};

/// Find tickets that have all of some words in their title or text, newest first. A word is found in its other forms too,
/// and as a part of a longer one.
#[tool(read_only, title = "Search tickets", scopes("tickets:read"), timeout = "5s")]
pub(super) async fn search_tickets(
    State(db): State<Db>,
    /// Words that must all occur, in any order; none for all tickets.
    #[arg(max_length = 200, default = "")]
    words: String,
    /// Only the open or only the closed ones.
    status: Option<Status>,
    /// Only the tickets of this person; an empty text for those that nobody works on.
    #[arg(max_length = 100)]
    assignee: Option<String>,
    /// How many at most.
    #[arg(range = 1..=50, default = 10)]
    limit: u16,
) -> ToolResult<Rows<Summary>> {
    let reason = why_none(&words, status, assignee.as_deref());
    let (found, total) = db.search(&Filter::new(&words, status).assignee(assignee), limit).await?;
    Ok(Rows::from(found).or_empty(reason)?.total(total))
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
pub(super) fn why_none(words: &str, status: Option<Status>, assignee: Option<&str>) -> String {
    let which = status.map(|status| format!("{} ", status.name())).unwrap_or_default();
    let whose = match assignee.map(str::trim) {
        None => String::new(),
        Some("") => " without an assignee".to_owned(),
        Some(name) => format!(" of the assignee {name}"),
    };
    match words.trim() {
        "" => format!("there is no {which}ticket{whose}"),
        words => format!("no {which}ticket{whose} has all of the words: {words}"),
    }
}
