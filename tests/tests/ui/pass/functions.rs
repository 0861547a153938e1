//! Functions of every shape become tools, prompts and resources, and stay callable.

use mcp_server_core::prelude::*;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

#[derive(Clone)]
struct Db(u32);

#[derive(Deserialize, JsonSchema)]
struct Search {
    query: String,
}

#[derive(Serialize, Deserialize, JsonSchema)]
enum Order {
    Newest,
    Oldest,
}

/// Find tickets by free text,
/// newest first.
///
///   - really
#[tool(
    title = "Search",
    read_only,
    idempotent = true,
    open_world = false,
    scopes("tickets:read", "tickets:list"),
    timeout = "5s",
    max_result = "64KiB",
    max_concurrency = 8
)]
async fn search_tickets(
    State(db): State<Db>,
    context: Context,
    /// Words to look for.
    #[arg(min_length = 1, max_length = 200, pattern = r"^\S+$", header = "Query")]
    query: String,
    /// How many at most.
    #[arg(range = 1..=100, default = 20)]
    limit: u32,
    #[arg(range = 0.5..2.5, default = 1.0)] factor: f64,
    #[arg(range = -5.., default = -1)] offset: i64,
    #[arg(default = Order::Newest)] order: Order,
    #[arg(min_items = 1, max_items = 3)] tags: Vec<String>,
    #[arg(rename = "type", format = "email")] kind: Option<String>,
    #[arg(secret)] mut password: String,
    #[arg(default = "x")] r#as: String,
    #[arg(default = vec![1, 2])] numbers: Vec<u8>,
) -> ToolResult<String> {
    let _ = (context, factor, offset, tags, kind, numbers, r#as);
    password.push('!');
    if matches!(order, Order::Oldest) {
        return Err(ToolError::not_found("there is nothing old"));
    }
    Ok(format!("{} {query} {limit} {password}", db.0))
}

/// Close a ticket.
#[tool(name = "tickets.close", destructive)]
fn close(id: u64) -> String {
    format!("closed {id}")
}

/// Say what time it is.
#[tool(inline)]
#[must_use]
fn clock() -> &'static str {
    "noon"
}

/// All arguments at once.
#[tool]
async fn whole(Args(search): Args<Search>) -> String {
    search.query
}

#[expect(clippy::unused_async, reason = "a completion is async, whether it waits or not")]
async fn languages(_: Context, typed: String) -> Vec<String> {
    vec![typed]
}

/// Ask for a review.
#[prompt(title = "Review")]
async fn review(#[arg(complete = languages)] language: String, code: Option<String>, _context: Context) -> Messages {
    Messages::new().user(language).assistant(code.unwrap_or_default())
}

#[prompt(scopes("p"))]
fn greet(name: String) -> ToolResult<String> {
    if name.is_empty() { Err(ToolError::invalid_argument("say who")) } else { Ok(name) }
}

#[resource("test://static-text", mime = "text/plain")]
fn text() -> String {
    "text".to_owned()
}

/// Data under an id.
#[resource("test://template/{id}/data{?page}", title = "Data", scopes("data"))]
async fn data(State(db): State<Db>, id: String, page: Option<u32>) -> ToolResult<String> {
    Ok(format!("{id} {page:?} {}", db.0))
}

mod admin {
    use super::{ToolResult, tool};

    /// Reset all.
    #[tool]
    #[cfg(not(any()))]
    pub(crate) async fn reset() -> ToolResult<String> {
        Ok("reset".to_owned())
    }

    /// Never there.
    #[tool]
    #[cfg(any())]
    pub(crate) async fn reset() -> Missing {}
}

pub(crate) fn main() {
    let tools = tools![
        search_tickets,
        close,
        clock,
        whole,
        admin::reset,
        #[cfg(any())]
        missing
    ];
    assert_eq!(tools.len(), 5);
    assert_eq!(prompts![review, greet].len(), 2);
    assert_eq!(resources![text, data].len(), 2);
    assert!(tools![].is_empty());
    assert_eq!(close(1), "closed 1");
    assert_eq!(clock(), "noon");

    let inside = {
        /// Inside a function.
        #[tool]
        fn inner(a: i64) -> i64 {
            a
        }
        assert_eq!(inner(1), 1);
        tools![inner,]
    };
    assert_eq!(inside.len(), 1);
}
