//! A shop whose stock is kept elsewhere, by another service or in a database, which the story of the silent failures
//! begins with.

use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use mcp_server_core::prelude::*;
use mcp_server_core::tool::SendTraced as _;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use sqlx::postgres::{PgPool, PgPoolOptions};
use tokio::sync::Semaphore;

/// How many connections there are to whatever keeps the stock.
const CONNECTIONS: u32 = 4;

/// What keeps the stock.
#[derive(Clone)]
enum Warehouse {
    /// Another service.
    Service { url: String, connections: Arc<Semaphore> },
    /// A table in a database.
    Database(PgPool),
}

/// Something to buy.
#[derive(Serialize, Deserialize, JsonSchema)]
struct Thing {
    /// What it is called.
    name: String,
}

impl Warehouse {
    async fn open(url: String) -> Self {
        if !url.starts_with("postgres:") {
            return Self::Service { url, connections: Arc::new(Semaphore::new(CONNECTIONS as usize)) };
        }
        let pool = PgPoolOptions::new().min_connections(CONNECTIONS).max_connections(CONNECTIONS);
        Self::Database(pool.acquire_timeout(Duration::from_secs(1)).connect(&url).await.expect("a database"))
    }

    async fn find(&self, words: &str) -> ToolResult<Vec<Thing>> {
        match self {
            Self::Service { url, connections } => ask(url, connections, words).await,
            Self::Database(pool) => {
                let query = "SELECT name FROM things WHERE words LIKE '%' || $1 || '%' ORDER BY name";
                let names: Vec<String> = sqlx::query_scalar(query).bind(words).fetch_all(pool).await?;
                Ok(names.into_iter().map(|name| Thing { name }).collect())
            }
        }
    }
}

async fn ask(url: &str, connections: &Semaphore, words: &str) -> ToolResult<Vec<Thing>> {
    let wait = tokio::time::timeout(Duration::from_millis(500), connections.acquire());
    let Ok(Ok(_connection)) = wait.await else {
        return Err(ToolError::upstream_unavailable("every connection to the warehouse waits for an answer"));
    };
    let client = reqwest::Client::builder().pool_max_idle_per_host(0).timeout(Duration::from_secs(1)).build()?;
    Ok(client.post(url).body(words.to_owned()).send_traced().await?.error_for_status()?.json().await?)
}

/// Find what is in stock.
#[tool(read_only)]
async fn stock(
    State(warehouse): State<Warehouse>,
    /// Words to look for.
    words: String,
) -> ToolResult<Rows<Thing>> {
    Rows::from(warehouse.find(&words).await?).or_empty("nothing in stock has these words")
}

/// What a careless author returns: an error looks like an empty list with a count.
#[derive(Serialize, JsonSchema)]
struct Listing {
    items: Vec<Thing>,
    count: usize,
    page: u32,
    has_more: bool,
}

/// Find what is in stock, and swallow what goes wrong.
#[tool(read_only)]
async fn stock_swallowed(State(warehouse): State<Warehouse>, words: String) -> Structured<Listing> {
    let items = warehouse.find(&words).await.unwrap_or_default();
    Structured(Listing { count: items.len(), items, page: 1, has_more: false })
}

/// Find what is in stock, as a text.
#[tool(read_only)]
async fn stock_text(State(warehouse): State<Warehouse>, words: String) -> String {
    let names: Vec<String> = warehouse.find(&words).await.into_iter().flatten().map(|thing| thing.name).collect();
    names.join("\n")
}

#[tokio::main]
async fn main() -> ExitCode {
    let warehouse = Warehouse::open(std::env::var("WAREHOUSE_URL").unwrap_or_default()).await;
    let mut server = Server::new("shop", "1.0.0");
    if let Warehouse::Database(pool) = &warehouse {
        server = server.pool("warehouse", pool.clone());
    }
    server.state(warehouse).tools(tools![stock, stock_swallowed, stock_text]).main().await
}
