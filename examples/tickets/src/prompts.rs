//! The prompts: how a user starts a conversation about tickets.

use mcp_server_core::prelude::*;
use mcp_server_core::tool::{IntoItems, Item};

use crate::db::Db;
use crate::resources;

/// Every prompt.
pub(crate) fn all() -> Vec<Item> {
    prompts![triage].into_items()
}

/// Go through the open tickets: what is urgent, what is double, who should do what.
#[prompt(title = "Triage", scopes("tickets:read"))]
async fn triage(
    State(db): State<Db>,
    /// Who takes part, such as `Ines, Tomas`.
    people: Option<String>,
) -> ToolResult<Messages> {
    let people = people.map(|people| format!(" Among {people}.")).unwrap_or_default();
    let text = format!(
        "Triage the open tickets.{people}\n\n\
         1. Read those whose title does not say enough (`get_ticket`).\n\
         2. Name what is double, what is urgent though it does not say so, and what nobody works on.\n\
         3. Propose priorities and assignees as a table, and change nothing until I agree. Then pass the version that \
         you read with each change; after a conflict, read again.\n\n{}",
        resources::list(&db).await?
    );
    Ok(Messages::new().user(text))
}
