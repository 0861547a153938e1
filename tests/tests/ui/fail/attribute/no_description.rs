//! A tool that says nothing of itself.

use mcp_server_core::prelude::*;

#[tool]
async fn add(number: i64) -> i64 {
    number + 1
}

fn main() {
    let _ = tools![add];
}
