//! A duration that is no text.

use mcp_server_core::prelude::*;

/// Add one.
#[tool(timeout = 5)]
async fn add(number: i64) -> i64 {
    number + 1
}

fn main() {
    let _ = tools![add];
}
