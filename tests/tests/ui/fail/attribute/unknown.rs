//! A mistyped setting.

use mcp_server_core::prelude::*;

/// Add one.
#[tool(timeuot = "5s")]
async fn add(number: i64) -> i64 {
    number + 1
}

fn main() {
    let _ = tools![add];
}
