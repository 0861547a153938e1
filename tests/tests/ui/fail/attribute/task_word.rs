//! A tool may run as a task, or must.

use mcp_server_core::prelude::*;

/// Add one.
#[tool(task = "sometimes")]
async fn add(number: i64) -> i64 {
    number + 1
}

fn main() {
    let _ = tools![add];
}
