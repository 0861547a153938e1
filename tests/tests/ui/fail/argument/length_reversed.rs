//! A text that would be longer than it may be.

use mcp_server_core::prelude::*;

/// Add one.
#[tool]
async fn add(#[arg(min_length = 10, max_length = 5)] text: String) -> String {
    text.to_string()
}

fn main() {
    let _ = tools![add];
}
