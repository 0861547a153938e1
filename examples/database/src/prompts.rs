//! The prompts: how a user starts a conversation about the data.

use mcp_server_core::prelude::*;
use mcp_server_core::tool::{IntoItems, Item};

use crate::database::Database;
use crate::overview;
use crate::resources::table_names;

/// Every prompt.
pub fn all() -> Vec<Item> {
    prompts![explore].into_items()
}

/// Answer a question from the data, with the queries that show it.
#[prompt(title = "Explore the data")]
async fn explore(
    State(db): State<Database>,
    /// What to find out.
    question: String,
    /// A table to begin with.
    #[arg(complete = table_names)]
    table: Option<String>,
) -> ToolResult<Messages> {
    if question.trim().is_empty() {
        return Err(ToolError::invalid_argument("there is no question").pointer("/question"));
    }
    let catalogue = db.catalogue().await?;
    let begin = match table {
        Some(table) => format!("Begin with the table {}.\n\n", catalogue.find(&table)?.sql_name()),
        None => String::new(),
    };
    let text = format!(
        "Answer this question from the {engine} database alone: {question}\n\n{begin}\
         1. Describe the tables that you need (`describe_table`); do not guess names of columns.\n\
         2. Query them (`query`): aggregates rather than long lists, and check what null and odd values mean.\n\
         3. Give the answer with its numbers, the SQL that shows it, and what the data cannot tell. If a query finds \
         nothing or fails, say so; do not answer from memory.\n\n{overview}",
        engine = db.engine(),
        overview = overview::write(&db, &catalogue, overview::BRIEF)
    );
    Ok(Messages::new().user(text))
}
