//! A call where a path belongs.

use mcp_server_core::prelude::*;

/// Add one.
#[tool]
async fn add(number: i64) -> i64 {
    number + 1
}

fn main() {
    let _ = tools![add(1)];
}
