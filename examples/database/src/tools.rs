//! The tools: what an agent can do with the database.

use mcp_server_core::prelude::*;
use mcp_server_core::tool::{IntoItems, Item};
use serde_json::Value;

use crate::answer::{Answer, Description, Descriptions, TableSummary};
use crate::catalogue::{Hit, Table};
use crate::cursor;
use crate::database::Database;
use crate::empty::{why_none, why_zero};
use crate::page::Window;
use crate::sql_text::Statement;

/// How many characters of JSON one page of a query has. Gemini CLI cuts results of more than 40 000, and the rest of a
/// result needs its part.
pub const PAGE: usize = 36_000;

/// How many characters all descriptions of one call may have.
const DESCRIBED: usize = 36_000;

/// How many tables or hits one call gives.
const LISTED: usize = 100;

/// The names of the tools, as the configuration knows them.
pub const NAMES: [&str; 4] = ["list_tables", "describe_table", "search_catalogue", "query"];

/// Every tool.
pub fn all() -> Vec<Item> {
    tools![list_tables, describe_table, search_catalogue, query].into_items()
}

/// List the tables and views of the database, with their size and what their makers say of them.
#[tool(read_only, idempotent, title = "List tables", timeout = "20s")]
async fn list_tables(
    State(db): State<Database>,
    /// Only the tables of this schema.
    #[arg(min_length = 1, max_length = 100)]
    schema: Option<String>,
    /// `nextCursor` of an earlier call, to go on.
    #[arg(max_length = 100)]
    cursor: Option<String>,
) -> ToolResult<Rows<TableSummary>> {
    let catalogue = db.catalogue().await?;
    let here = |table: &&Table| schema.is_none() || table.schema == schema;
    let tables: Vec<&Table> = catalogue.tables.iter().filter(here).collect();
    let key = format!("list_tables {schema:?}");
    let skip = start(&key, cursor.as_deref())?;
    let page: Vec<&Table> = tables.iter().skip(skip).take(LISTED).copied().collect();
    let counts = db.count(&page).await?;
    let listed: Vec<TableSummary> =
        page.iter().zip(counts).map(|(table, rows)| TableSummary::new(table, rows)).collect();
    let reason = match &schema {
        Some(schema) => format!("there is no table that can be read in the schema `{schema}`"),
        None => "the database has no table that can be read".to_owned(),
    };
    let next = (skip + listed.len() < tables.len()).then(|| cursor::encode(&key, (skip + listed.len()) as u64));
    Ok(Rows::from(listed).or_empty(reason)?.total(tables.len() as u64).next_cursor(next))
}

/// Describe tables or views: columns with their types and allowed values, keys in both directions, indexes, checks,
/// partitions, comments, and a few rows to see what is in them.
#[tool(read_only, idempotent, title = "Describe tables", timeout = "20s")]
async fn describe_table(
    State(db): State<Database>,
    context: Context,
    /// The names of the tables, with their schema if there are several.
    #[arg(min_items = 1, max_items = 20)]
    tables: Vec<String>,
    /// How many rows of each to show.
    #[arg(range = 0..=5, default = 3)]
    sample: u8,
) -> ToolResult<Structured<Descriptions>> {
    let mut described = Descriptions { tables: Vec::new(), left_out: Vec::new() };
    let mut characters = 0;
    for table in tables {
        if characters > DESCRIBED {
            described.left_out.push(table);
            continue;
        }
        let description = describe(&db, context.principal().key(), &table, sample).await?;
        let size = serde_json::to_string(&description)?.chars().count();
        if characters + size > DESCRIBED && !described.tables.is_empty() {
            described.left_out.push(table);
            continue;
        }
        characters += size;
        described.tables.push(description);
    }
    Ok(Structured(described))
}

/// The description that the tool and the resource give.
///
/// # Errors
/// `not_found` with the nearest names, or what the database fails with.
pub(crate) async fn describe(db: &Database, caller: &str, table: &str, sample: u8) -> ToolResult<Description> {
    let catalogue = db.catalogue().await?;
    let table = catalogue.find(table)?;
    let rows = db.count(&[table]).await?.into_iter().next().flatten();
    let details = db.details(table).await?;
    // A view may be slow or broken; its description is worth having without rows.
    let sample = if sample == 0 { Vec::new() } else { some_rows(db, caller, table, sample).await.unwrap_or_default() };
    Ok(Description::new(table, rows, details, sample))
}

async fn some_rows(db: &Database, caller: &str, table: &Table, count: u8) -> ToolResult<Vec<Vec<Value>>> {
    let sql = format!("SELECT * FROM {} LIMIT {count}", table.sql_name());
    let statement = Statement::read(&sql, db.dialect())?;
    let window = Window { skip: 0, rows: usize::from(count), characters: PAGE / 8 };
    Ok(db.run(caller, &statement, &sql, window).await?.rows)
}

/// Search the catalogue: find tables and columns by words in their names and comments.
#[tool(read_only, idempotent, title = "Search the catalogue", timeout = "20s")]
async fn search_catalogue(
    State(db): State<Database>,
    /// Words that must all occur, such as `customer email`.
    #[arg(min_length = 1, max_length = 200)]
    words: String,
) -> ToolResult<Rows<Hit>> {
    let catalogue = db.catalogue().await?;
    let hits = catalogue.search(&words);
    let total = hits.len() as u64;
    let reason = {
        let count = catalogue.tables.len();
        let mut near: Vec<String> = words.split_whitespace().flat_map(|word| catalogue.near(word)).collect();
        near.dedup();
        near.truncate(5);
        let advice = if near.is_empty() {
            "call list_tables to see them all".to_owned()
        } else {
            format!("the nearest names are {}", near.join(", "))
        };
        format!("no name or comment in the {count} tables has all of these words; {advice}")
    };
    Ok(Rows::from(hits.into_iter().take(LISTED)).or_empty(reason)?.total(total))
}

/// Run one read-only SQL query and get its rows.
///
/// Write the SQL of the database's own dialect; nothing that changes data is run. `columns` names the columns once, and
/// each row is an array in their order. Rows come in pages: a page ends at `limit` rows or 36 000 characters, and
/// `nextCursor` then gets the next one. Paging is exact only if the query orders its rows by something unique. Decimals,
/// dates and integers beyond 2^53 are text, bytes are base64, and a value of more than 8 KiB is cut and says so. Prefer
/// aggregates over reading many rows.
#[tool(read_only, idempotent, title = "Run a query", timeout = "30s", max_result = "1MiB")]
async fn query(
    State(db): State<Database>,
    context: Context,
    /// One SELECT, without parameters.
    #[arg(min_length = 1, max_length = 20000)]
    sql: String,
    /// How many rows at most.
    #[arg(range = 1..=1000, default = 100)]
    limit: u16,
    /// `nextCursor` of an earlier call with the same `sql`, to go on.
    #[arg(max_length = 100)]
    cursor: Option<String>,
) -> ToolResult<Answer> {
    let caller = context.principal().key();
    let statement = Statement::read(&sql, db.dialect())?;
    let skip = cursor.map_or(Ok(0), |cursor| cursor::decode(&sql, &cursor))?;
    let window = Window { skip, rows: usize::from(limit), characters: PAGE };
    let page = db.run(caller, &statement, &sql, window).await?;
    let given = page.rows.len() as u64;
    let reason = if given == 0 {
        Some(why_none(&db, caller, &statement, skip).await)
    } else {
        let zero = if page.counts_nothing() { why_zero(&db, caller, &statement).await } else { None };
        zero.or_else(|| {
            let rows = if given == 1 { "one row".to_owned() } else { format!("{given} rows") };
            page.says_nothing().then(|| format!("the query gave {rows}, and every value is null or an empty text"))
        })
    };
    let next_cursor = page.more.then(|| cursor::encode(&sql, skip + given));
    Ok(Answer { page, next_cursor, reason })
}

fn start(key: &str, cursor: Option<&str>) -> ToolResult<usize> {
    let skip = cursor.map_or(Ok(0), |cursor| cursor::decode(key, cursor))?;
    Ok(usize::try_from(skip).unwrap_or(usize::MAX))
}
