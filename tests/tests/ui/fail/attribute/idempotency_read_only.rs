//! What only reads has no effect that could be done twice.

use mcp_server_core::prelude::*;

/// Add one.
#[tool(read_only, idempotency)]
async fn add(number: i64) -> i64 {
    number + 1
}

fn main() {
    let _ = tools![add];
}
