//! The description is the doc comment.

use mcp_server_core::prelude::*;

/// Add one.
#[tool(description = "Add one")]
async fn add(number: i64) -> i64 {
    number + 1
}

fn main() {
    let _ = tools![add];
}
