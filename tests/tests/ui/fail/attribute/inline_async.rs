//! An async function is polled in place anyway.

use mcp_server_core::prelude::*;

/// Add one.
#[tool(inline)]
async fn add(number: i64) -> i64 {
    number + 1
}

fn main() {
    let _ = tools![add];
}
