//! Only what becomes a task asks first.

use mcp_server_core::prelude::*;

/// Add one.
#[tool(asks_first)]
async fn add(number: i64) -> i64 {
    number + 1
}

fn main() {
    let _ = tools![add];
}
