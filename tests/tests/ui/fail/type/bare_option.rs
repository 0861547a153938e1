//! A value that may be missing without a word.

use mcp_server_core::prelude::*;

/// Add one.
#[tool]
async fn add(number: i64) -> ToolResult<Option<i64>> {
    Ok(Some(number))
}

fn main() {
    let _ = tools![add];
}
