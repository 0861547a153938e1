//! Deleting: for good, and only if the user says so.

use mcp_server_core::prelude::*;
use schemars::JsonSchema;
use serde::Deserialize;

use super::write::changed;
use crate::db::Db;

/// What the user is asked.
#[derive(Deserialize, JsonSchema)]
struct Confirmation {
    /// Delete it; it cannot be brought back.
    delete: bool,
}

/// Delete a ticket and all that was said about it, for good. The user is asked first. To end a ticket that is done, close
/// it instead.
#[tool(destructive, title = "Delete a ticket", scopes("tickets:write"))]
pub(super) async fn delete_ticket(
    context: Context,
    State(db): State<Db>,
    /// The ticket's number.
    #[arg(range = 1..)]
    id: i64,
) -> ToolResult<Receipt> {
    // The answer may come in another round, on another replica: what the user was asked about is what is deleted.
    let (version, title, comments) = context
        .step("read", || async {
            let ticket = db.ticket(id).await?;
            Ok((ticket.version, ticket.summary.title, ticket.comments.len()))
        })
        .await?;
    let question = format!("Delete ticket {id}, \u{201c}{title}\u{201d}, with its {comments} comments?");
    let Confirmation { delete } = context.elicit(question).await?;
    if !delete {
        return Ok(Receipt::unchanged(format!("the user decided to keep ticket {id}")));
    }
    db.delete(id, version).await?;
    changed(&context, id);
    Ok(Receipt::confirmed(format!("ticket {id} is deleted")))
}
