//! A range that holds nothing.

use mcp_server_core::prelude::*;

/// Add one.
#[tool]
async fn add(#[arg(range = 100..=1)] text: u32) -> String {
    text.to_string()
}

fn main() {
    let _ = tools![add];
}
