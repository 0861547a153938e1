//! RS3: a fixed URI has no variables.

use mcp_server_core::prelude::*;

/// Notes.
#[resource("notes://all")]
async fn note(page: u32) -> String {
    format!("{:?}", (page))
}

fn main() {
    let _ = resources![note];
}
