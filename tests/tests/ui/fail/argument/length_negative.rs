//! A negative length.

use mcp_server_core::prelude::*;

/// Add one.
#[tool]
async fn add(#[arg(min_length = -1)] text: String) -> String {
    text.to_string()
}

fn main() {
    let _ = tools![add];
}
