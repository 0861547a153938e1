//! A setting that is like no other.

use mcp_server_core::prelude::*;

/// Add one.
#[tool(colour = "red")]
async fn add(number: i64) -> i64 {
    number + 1
}

fn main() {
    let _ = tools![add];
}
