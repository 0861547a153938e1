//! A limit that no call can keep.

use mcp_server_core::prelude::*;

/// Add one.
#[tool(timeout = "0s")]
async fn add(number: i64) -> i64 {
    number + 1
}

fn main() {
    let _ = tools![add];
}
