//! Rules in two attributes.

use mcp_server_core::prelude::*;

/// Add one.
#[tool]
async fn add(#[arg(min_length = 1)] #[arg(max_length = 2)] text: String) -> String {
    text
}

fn main() {
    let _ = tools![add];
}
