//! A parameter of no certain type.

use mcp_server_core::prelude::*;

/// Add one.
#[tool]
async fn add(text: impl Into<String>) -> String {
    text.into()
}

fn main() {
    let _ = tools![add];
}
