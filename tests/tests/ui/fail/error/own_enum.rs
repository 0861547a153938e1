//! An error type that nobody has given a kind.

use mcp_server_core::prelude::*;

enum StockError {
    Unknown,
}

fn stock() -> Result<u32, StockError> {
    Err(StockError::Unknown)
}

/// Count the stock.
#[tool(read_only)]
async fn count() -> ToolResult<String> {
    Ok(stock()?.to_string())
}

fn main() {}
