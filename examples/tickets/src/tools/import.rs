//! Importing: a long piece of work, which another replica finishes if this one dies.

use mcp_server_core::prelude::*;
use mcp_server_core::store::seal::hash_id;
use serde_json::json;

use crate::db::Db;
use crate::sample;
use crate::ticket::NewTicket;

/// Import tickets from CSV, or make some up to try things out. All rows are read before the first is written; rows that
/// were imported before are not written again.
#[tool(task, idempotent, title = "Import tickets", scopes("tickets:write"), timeout = "1h")]
pub(super) async fn import_tickets(
    context: Context,
    progress: Progress,
    State(db): State<Db>,
    /// CSV with a line of headers: `title`, and of `body`, `priority` and `assignee` what there is.
    #[arg(min_length = 6, max_length = 1_000_000)]
    csv: Option<String>,
    /// Instead: how many tickets to make up.
    #[arg(range = 1..=10000)]
    made_up: Option<u32>,
) -> ToolResult<Receipt> {
    let (name, tickets) = rows(csv, made_up)?;
    let total = tickets.len();
    // Whoever runs this again goes on where the last one stopped: after a crash, or because an answer was lost.
    let mut done = db.begin_import(&name).await?;
    if done == total {
        return Ok(Receipt::unchanged("all of these tickets are there already").with(json!({ "tickets": total })));
    }
    let number = |count: usize| f64::from(u32::try_from(count).unwrap_or(u32::MAX));
    let mut turn = tokio::time::interval(db.import_pause());
    while done < total {
        turn.tick().await;
        done = db.import_next(&name, &tickets, done).await?;
        progress.report(number(done), Some(number(total)), &format!("{done} of {total} tickets are written"));
    }
    context.resource_updated("tickets://open");
    Ok(Receipt::confirmed(format!("{total} tickets are imported")).with(json!({ "tickets": total })))
}

/// The rows of an import, and its name: the same rows are the same import, however often they come.
fn rows(csv: Option<String>, made_up: Option<u32>) -> ToolResult<(String, Vec<NewTicket>)> {
    let (name, tickets) = match (csv, made_up) {
        (Some(csv), None) => (hash_id(&csv), sample::read(&csv)?),
        (None, Some(count)) => (format!("made-up/{count}"), sample::made_up(count)),
        _ => return Err(ToolError::invalid_argument("give either `csv` or `made_up`")),
    };
    if tickets.is_empty() {
        return Err(ToolError::invalid_argument("there is no row under the headers").pointer("/csv"));
    }
    Ok((name, tickets))
}
