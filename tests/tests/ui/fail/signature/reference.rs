//! A parameter that borrows.

use mcp_server_core::prelude::*;

/// Add one.
#[tool]
async fn add(text: &str) -> String {
    text.to_owned()
}

fn main() {
    let _ = tools![add];
}
