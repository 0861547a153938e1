//! A list that may be empty without a word.

use mcp_server_core::prelude::*;

/// Add one.
#[tool]
async fn add(number: i64) -> Vec<i64> {
    vec![number]
}

fn main() {
    let _ = tools![add];
}
