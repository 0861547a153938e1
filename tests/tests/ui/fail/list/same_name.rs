//! TI1: two tools of one name.

use mcp_server_core::prelude::*;

/// Add one.
#[tool]
async fn add(number: i64) -> i64 {
    number + 1
}

/// Add two.
#[tool(name = "add")]
async fn add_two(number: i64) -> i64 {
    number + 2
}

fn main() {
    let _ = tools![add, add_two];
}
