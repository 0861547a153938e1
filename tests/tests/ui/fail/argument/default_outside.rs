//! A default that the rules refuse.

use mcp_server_core::prelude::*;

/// Add one.
#[tool]
async fn add(#[arg(range = 1..=10, default = 20)] text: u32) -> String {
    text.to_string()
}

fn main() {
    let _ = tools![add];
}
