//! Rules for a number and for a text.

use mcp_server_core::prelude::*;

/// Add one.
#[tool]
async fn add(#[arg(range = 1..=10, max_length = 10)] text: String) -> String {
    text.to_string()
}

fn main() {
    let _ = tools![add];
}
