//! What only reads cannot destroy.

use mcp_server_core::prelude::*;

/// Add one.
#[tool(read_only, destructive)]
async fn add(number: i64) -> i64 {
    number + 1
}

fn main() {
    let _ = tools![add];
}
