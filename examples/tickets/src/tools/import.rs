//! Importing: a long piece of work, which another replica finishes if this one dies.

use mcp_server_core::prelude::*;
use serde_json::json;

use crate::db::Db;
use crate::sample;
use crate::ticket::NewTicket;

/// Import tickets from CSV, or make some up to try things out. All rows are read before the first is written.
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
    let tickets = tickets(csv, made_up)?;
    // Whoever runs this again gets the same number, and goes on where the last one stopped.
    let import = context.step("begin", || db.begin_import()).await?;
    let mut done = db.imported(import).await?;
    let number = |count: usize| f64::from(u32::try_from(count).unwrap_or(u32::MAX));
    let mut turn = tokio::time::interval(db.import_pause());
    while done < tickets.len() {
        turn.tick().await;
        done = db.import_next(import, &tickets, done).await?;
        let message = format!("{done} of {} tickets are written", tickets.len());
        progress.report(number(done), Some(number(tickets.len())), &message);
    }
    context.resource_updated("tickets://open");
    Ok(Receipt::confirmed(format!("{done} tickets are imported")).with(json!({ "tickets": done })))
}

fn tickets(csv: Option<String>, made_up: Option<u32>) -> ToolResult<Vec<NewTicket>> {
    let tickets = match (csv, made_up) {
        (Some(csv), None) => sample::read(&csv)?,
        (None, Some(count)) => sample::made_up(count),
        _ => return Err(ToolError::invalid_argument("give either `csv` or `made_up`")),
    };
    if tickets.is_empty() {
        return Err(ToolError::invalid_argument("there is no row under the headers").pointer("/csv"));
    }
    Ok(tickets)
}
