//! No rule at all.

use mcp_server_core::prelude::*;

/// Add one.
#[tool]
async fn add(#[arg()] text: String) -> String {
    text.to_string()
}

fn main() {
    let _ = tools![add];
}
