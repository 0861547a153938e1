//! A pattern that does not run in linear time.

use mcp_server_core::prelude::*;

/// Add one.
#[tool]
async fn add(#[arg(pattern = "(?=a)b")] text: String) -> String {
    text.to_string()
}

fn main() {
    let _ = tools![add];
}
