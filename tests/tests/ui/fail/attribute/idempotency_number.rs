//! How long an answer is remembered has a unit.

use mcp_server_core::prelude::*;

/// Add one.
#[tool(idempotency = 24)]
async fn add(number: i64) -> i64 {
    number + 1
}

fn main() {
    let _ = tools![add];
}
