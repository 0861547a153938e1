//! A task is known by its id.

use mcp_server_core::prelude::*;

/// Add one.
#[tool(task, idempotency)]
async fn add(number: i64) -> i64 {
    number + 1
}

fn main() {
    let _ = tools![add];
}
