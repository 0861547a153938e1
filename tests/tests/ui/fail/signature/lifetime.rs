//! A tool for any lifetime.

use mcp_server_core::prelude::*;

/// Add one.
#[tool]
async fn add<'a>(number: i64) -> i64 {
    number
}

fn main() {
    let _ = tools![add];
}
