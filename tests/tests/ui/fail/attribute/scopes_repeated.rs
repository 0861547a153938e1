//! A scope that stands twice.

use mcp_server_core::prelude::*;

/// Add one.
#[tool(scopes("a", "a"))]
async fn add(number: i64) -> i64 {
    number + 1
}

fn main() {
    let _ = tools![add];
}
