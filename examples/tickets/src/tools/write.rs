//! Writing: new tickets, and changes of the version that was read.

use mcp_server_core::prelude::*;
use serde_json::json;

use crate::db::Db;
use crate::ticket::{NewTicket, Priority, Status, uri};

/// Write a new ticket. Search first: there may be one already.
#[tool(idempotency, title = "Create a ticket", scopes("tickets:write"), timeout = "5s")]
pub(super) async fn create_ticket(
    context: Context,
    State(db): State<Db>,
    /// What is wrong or wanted, in one line.
    #[arg(min_length = 3, max_length = 200)]
    title: String,
    /// All that helps to do it.
    #[arg(max_length = 20000, default = "")]
    body: String,
    /// How soon it should be done; `normal` if it is not said.
    priority: Option<Priority>,
    /// Who works on it.
    #[arg(max_length = 100, default = "")]
    assignee: String,
) -> ToolResult<Receipt> {
    let ticket = NewTicket { title, body, priority: priority.unwrap_or_default(), assignee };
    let id = db.create(&ticket).await?;
    context.resource_updated("tickets://open");
    Ok(Receipt::confirmed(format!("ticket {id} is written")).with(json!({ "id": id, "version": 1, "uri": uri(id) })))
}

/// Change a ticket: whatever is given replaces what was there.
#[tool(title = "Change a ticket", scopes("tickets:write"), timeout = "5s")]
#[expect(clippy::too_many_arguments, reason = "each field of a ticket is one")]
pub(super) async fn update_ticket(
    context: Context,
    State(db): State<Db>,
    /// The ticket's number.
    #[arg(range = 1..)]
    id: i64,
    /// The version that you read: if it has changed since, nothing happens.
    #[arg(range = 1..)]
    version: i64,
    /// Another title.
    #[arg(min_length = 3, max_length = 200)]
    title: Option<String>,
    /// Another text.
    #[arg(max_length = 20000)]
    body: Option<String>,
    /// Another priority.
    priority: Option<Priority>,
    /// Somebody else; an empty text for nobody.
    #[arg(max_length = 100)]
    assignee: Option<String>,
) -> ToolResult<Receipt> {
    let mut ticket = db.ticket(id).await?;
    ticket.unchanged_since(version)?;
    ticket.summary.title = title.unwrap_or(ticket.summary.title);
    ticket.summary.priority = priority.unwrap_or(ticket.summary.priority);
    ticket.summary.assignee = assignee.unwrap_or(ticket.summary.assignee);
    ticket.body = body.unwrap_or(ticket.body);
    let version = db.save(&ticket).await?;
    changed(&context, id);
    Ok(Receipt::confirmed(format!("ticket {id} is changed")).with(json!({ "version": version })))
}

/// Say something about a ticket.
#[tool(idempotency, title = "Comment on a ticket", scopes("tickets:write"), timeout = "5s")]
pub(super) async fn comment_on_ticket(
    context: Context,
    State(db): State<Db>,
    /// The ticket's number.
    #[arg(range = 1..)]
    id: i64,
    /// What there is to say.
    #[arg(min_length = 1, max_length = 5000)]
    text: String,
) -> ToolResult<Receipt> {
    db.comment(id, context.principal().id(), &text).await?;
    changed(&context, id);
    Ok(Receipt::confirmed(format!("the comment stands under ticket {id}")))
}

/// Close a ticket that is done, or that nobody will do.
#[tool(idempotent, title = "Close a ticket", scopes("tickets:write"), timeout = "5s")]
pub(super) async fn close_ticket(
    context: Context,
    State(db): State<Db>,
    /// The ticket's number.
    #[arg(range = 1..)]
    id: i64,
    /// The version that you read: if it has changed since, nothing happens.
    #[arg(range = 1..)]
    version: i64,
) -> ToolResult<Receipt> {
    let mut ticket = db.ticket(id).await?;
    if ticket.summary.status == Status::Closed {
        return Ok(Receipt::unchanged(format!("ticket {id} is closed already")));
    }
    ticket.unchanged_since(version)?;
    ticket.summary.status = Status::Closed;
    let version = db.save(&ticket).await?;
    changed(&context, id);
    Ok(Receipt::confirmed(format!("ticket {id} is closed")).with(json!({ "version": version })))
}

/// Tells those who watch, on every replica.
pub(super) fn changed(context: &Context, id: i64) {
    context.resource_updated(uri(id));
    context.resource_updated("tickets://open");
}
