//! A default that the rules refuse.

use mcp_server_core::prelude::*;

/// Add one.
#[tool]
async fn add(#[arg(max_length = 2, default = "long")] text: String) -> String {
    text.to_string()
}

fn main() {
    let _ = tools![add];
}
