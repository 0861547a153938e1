//! A running search: opened once, read page by page in any order and on any replica, closed or forgotten in time.

use std::time::Duration;

use mcp_server_core::prelude::*;
use mcp_server_core::tool::{Handle, Handles};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::read::why_none;
use crate::db::{Db, Filter};
use crate::ticket::{Status, Summary};

/// How many tickets a search holds at most.
const MOST: u16 = 10_000;
/// How many tickets are on one page.
const PAGE: usize = 20;

/// What a search has found: the tickets that matched when it was opened, whatever is written meanwhile.
#[derive(Serialize, Deserialize)]
pub(super) struct Search {
    found: Vec<i64>,
}

impl Handle for Search {
    const KIND: &'static str = "search";
    const LIFE: Duration = Duration::from_mins(30);
    const SLIDES: bool = true;
}

/// A search that is open.
#[derive(Serialize, JsonSchema)]
pub(super) struct Opened {
    /// The handle, for `read_search` and `close_search`.
    search: String,
    /// How many tickets were found.
    found: usize,
    /// How many pages they fill.
    pages: usize,
}

/// Open a search whose results are more than a few: read them with `read_search`, page by page. It stays as it was found.
#[tool(title = "Open a search", scopes("tickets:read"), timeout = "10s")]
pub(super) async fn open_search(
    State(db): State<Db>,
    searches: Handles<Search>,
    /// Words that must all occur, in any order; none for all tickets.
    #[arg(max_length = 200, default = "")]
    words: String,
    /// Only the open or only the closed ones.
    status: Option<Status>,
    /// Only the tickets of this person; an empty text for those that nobody works on.
    #[arg(max_length = 100)]
    assignee: Option<String>,
) -> ToolResult<Found<Opened>> {
    let reason = why_none(&words, status, assignee.as_deref());
    let search = Search { found: db.matching(&Filter::new(&words, status).assignee(assignee), MOST).await? };
    let found = search.found.len();
    let opened = match found {
        0 => None,
        _ => Some(Opened { search: searches.open(&search).await?, found, pages: found.div_ceil(PAGE) }),
    };
    Found::from(opened).or_missing(reason)
}

/// Read a page of an open search.
#[tool(read_only, title = "Read a search", scopes("tickets:read"), timeout = "5s")]
pub(super) async fn read_search(
    State(db): State<Db>,
    searches: Handles<Search>,
    /// The handle that `open_search` returned.
    #[arg(max_length = 100)]
    search: String,
    /// Which page.
    #[arg(range = 1..=500, default = 1)]
    page: usize,
) -> ToolResult<Rows<Summary>> {
    let Search { found } = searches.get(&search).await?;
    let ids = found.chunks(PAGE).nth(page - 1).unwrap_or_default();
    let pages = found.len().div_ceil(PAGE);
    let reason = match ids {
        [] => format!("the search has {pages} pages"),
        _ => format!("every ticket of page {page} was deleted since the search was opened"),
    };
    Ok(Rows::from(db.summaries(ids).await?).or_empty(reason)?.total(found.len() as u64))
}

/// Close a search that is not needed any more.
#[tool(idempotent, title = "Close a search", scopes("tickets:read"), timeout = "5s")]
pub(super) async fn close_search(
    searches: Handles<Search>,
    /// The handle that `open_search` returned.
    #[arg(max_length = 100)]
    search: String,
) -> ToolResult<Receipt> {
    searches.close(&search).await?;
    Ok(Receipt::confirmed("the search is closed"))
}
