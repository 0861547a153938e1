//! Rules for what is no argument.

use mcp_server_core::prelude::*;

/// Add one.
#[tool]
async fn add(#[arg(secret)] _context: Context) -> String {
    "1".to_owned()
}

fn main() {
    let _ = tools![add];
}
