//! Once is once.

use mcp_server_core::prelude::*;

/// Add one.
#[tool(single_use = "once")]
async fn add(number: i64) -> i64 {
    number + 1
}

fn main() {
    let _ = tools![add];
}
