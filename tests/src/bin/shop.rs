//! A shop whose stock is kept by another service, which the story of the silent failures begins with.

use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use mcp_server_core::prelude::*;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use tokio::sync::Semaphore;

/// The other service, and the few connections that there are to it.
#[derive(Clone)]
struct Warehouse {
    url: String,
    connections: Arc<Semaphore>,
}

/// Something to buy.
#[derive(Serialize, Deserialize, JsonSchema)]
struct Thing {
    /// What it is called.
    name: String,
}

impl Warehouse {
    async fn find(&self, words: &str) -> ToolResult<Vec<Thing>> {
        let wait = tokio::time::timeout(Duration::from_millis(500), self.connections.acquire());
        let Ok(Ok(_connection)) = wait.await else {
            return Err(ToolError::upstream_unavailable("every connection to the warehouse waits for an answer"));
        };
        let client = reqwest::Client::builder().pool_max_idle_per_host(0).timeout(Duration::from_secs(1)).build()?;
        Ok(client.post(&self.url).body(words.to_owned()).send().await?.error_for_status()?.json().await?)
    }
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

#[tokio::main]
async fn main() -> ExitCode {
    let url = std::env::var("WAREHOUSE_URL").unwrap_or_default();
    let warehouse = Warehouse { url, connections: Arc::new(Semaphore::new(4)) };
    Server::new("shop", "1.0.0").state(warehouse).tools(tools![stock]).main().await
}
