//! A setting in the wrong syntax.

use mcp_server_core::prelude::*;

/// Add one.
#[tool(name: "add")]
async fn add(number: i64) -> i64 {
    number + 1
}

fn main() {
    let _ = tools![add];
}
