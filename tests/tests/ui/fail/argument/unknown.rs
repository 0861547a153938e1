//! A rule by the name that another framework gives it.

use mcp_server_core::prelude::*;

/// Add one.
#[tool]
async fn add(#[arg(min = 1)] text: u32) -> String {
    text.to_string()
}

fn main() {
    let _ = tools![add];
}
