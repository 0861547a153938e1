//! A tool among prompts.

use mcp_server_core::prelude::*;

/// Add one.
#[tool]
async fn add(number: i64) -> i64 {
    number + 1
}

fn main() {
    let _ = prompts![add];
}
