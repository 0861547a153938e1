//! A tool that ends in silence.

use mcp_server_core::prelude::*;

/// Add one.
#[tool]
async fn add(number: i64) {
    let _ = number;
}

fn main() {
    let _ = tools![add];
}
