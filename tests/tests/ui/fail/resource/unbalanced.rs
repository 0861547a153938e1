//! RS3: a brace that does not close.

use mcp_server_core::prelude::*;

/// Notes.
#[resource("notes://{id")]
async fn note(id: String) -> String {
    format!("{:?}", (id))
}

fn main() {
    let _ = resources![note];
}
