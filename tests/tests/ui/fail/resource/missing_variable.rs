//! RS3: a parameter that is no variable.

use mcp_server_core::prelude::*;

/// Notes.
#[resource("notes://{id}")]
async fn note(id: String, page: u32) -> String {
    format!("{:?}", (id, page))
}

fn main() {
    let _ = resources![note];
}
