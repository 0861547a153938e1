//! A limit that lets nothing run.

use mcp_server_core::prelude::*;

/// Add one.
#[tool(max_concurrency = 0)]
async fn add(number: i64) -> i64 {
    number + 1
}

fn main() {
    let _ = tools![add];
}
