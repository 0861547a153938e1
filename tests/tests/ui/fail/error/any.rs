//! An error that holds any other.

use mcp_server_core::prelude::*;

fn load() -> anyhow::Result<String> {
    Ok(String::new())
}

/// Load it.
#[tool(read_only)]
async fn read() -> ToolResult<String> {
    Ok(load()?)
}

fn main() {}
