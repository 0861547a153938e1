//! An argument that nobody could name.

use mcp_server_core::prelude::*;

/// Add one.
#[tool]
async fn add((left, right): (i64, i64)) -> i64 {
    left + right
}

fn main() {
    let _ = tools![add];
}
