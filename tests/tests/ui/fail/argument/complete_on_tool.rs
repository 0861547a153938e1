//! Completion is for prompts and templates.

use mcp_server_core::prelude::*;

/// Add one.
#[tool]
async fn add(#[arg(complete = languages)] text: String) -> String {
    text.to_string()
}

fn main() {
    let _ = tools![add];
}
