//! C29: the prefix is the client's.

use mcp_server_core::prelude::*;

/// Add one.
#[tool]
async fn add(#[arg(header = "Mcp-Param-Region")] text: String) -> String {
    text.to_string()
}

fn main() {
    let _ = tools![add];
}
