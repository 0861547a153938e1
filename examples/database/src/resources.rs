//! The resources: the schema as documents that a user can put before a model.

use mcp_server_core::prelude::*;
use mcp_server_core::tool::{IntoItems, Item};

use crate::database::Database;
use crate::overview;
use crate::tools::describe;

/// Every resource.
pub fn all() -> Vec<Item> {
    resources![tables, table].into_items()
}

/// All tables with their columns, as text.
#[resource("schema://tables", name = "tables", title = "All tables", mime = "text/markdown")]
async fn tables(State(db): State<Database>) -> ToolResult<String> {
    Ok(overview::write(&db, &db.catalogue().await?, overview::LONGEST))
}

/// One table: its columns, keys, indexes and comments, as JSON.
#[resource("schema://{table}", name = "table", title = "One table", mime = "application/json")]
async fn table(
    State(db): State<Database>,
    context: Context,
    /// The table's name.
    #[arg(complete = table_names)]
    table: String,
) -> ToolResult<String> {
    Ok(serde_json::to_string_pretty(&describe(&db, context.principal().key(), &table, 0).await?)?)
}

/// The tables whose names begin like what was typed, then those that contain it.
pub(crate) async fn table_names(context: Context, typed: String) -> Vec<String> {
    let Some(db) = context.state::<Database>() else { return Vec::new() };
    let Ok(catalogue) = db.catalogue().await else { return Vec::new() };
    let typed = typed.to_lowercase();
    let names = catalogue.tables.iter().map(crate::catalogue::Table::full_name);
    let mut names: Vec<(bool, String)> = names
        .filter(|name| name.to_lowercase().contains(&typed))
        .map(|name| (!name.to_lowercase().starts_with(&typed), name))
        .collect();
    names.sort();
    names.into_iter().map(|(_, name)| name).collect()
}
