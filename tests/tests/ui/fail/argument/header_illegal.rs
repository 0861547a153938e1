//! C30: a header with a space in its name.

use mcp_server_core::prelude::*;

/// Add one.
#[tool]
async fn add(#[arg(header = "Ticket Number")] text: String) -> String {
    text.to_string()
}

fn main() {
    let _ = tools![add];
}
