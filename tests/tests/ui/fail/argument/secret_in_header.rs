//! A secret that every proxy would read.

use mcp_server_core::prelude::*;

/// Add one.
#[tool]
async fn add(#[arg(secret, header = "Token")] text: String) -> String {
    text.to_string()
}

fn main() {
    let _ = tools![add];
}
