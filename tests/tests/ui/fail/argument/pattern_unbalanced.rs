//! A pattern that does not compile.

use mcp_server_core::prelude::*;

/// Add one.
#[tool]
async fn add(#[arg(pattern = "[a-z")] text: String) -> String {
    text.to_string()
}

fn main() {
    let _ = tools![add];
}
