//! A format that nothing would enforce.

use mcp_server_core::prelude::*;

/// Add one.
#[tool]
async fn add(#[arg(format = "e-mail")] text: String) -> String {
    text.to_string()
}

fn main() {
    let _ = tools![add];
}
