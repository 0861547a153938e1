//! A result of no certain type.

use mcp_server_core::prelude::*;

/// Add one.
#[tool]
async fn add(number: i64) -> impl Into<i64> {
    number
}

fn main() {
    let _ = tools![add];
}
