//! A unit that means two things.

use mcp_server_core::prelude::*;

/// Add one.
#[tool(max_result = "64KB")]
async fn add(number: i64) -> i64 {
    number + 1
}

fn main() {
    let _ = tools![add];
}
