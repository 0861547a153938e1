//! RS3: variables that cannot be told apart.

use mcp_server_core::prelude::*;

/// Notes.
#[resource("notes://{id}{page}")]
async fn note(id: String, page: String) -> String {
    format!("{:?}", (id, page))
}

fn main() {
    let _ = resources![note];
}
