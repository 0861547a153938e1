//! RS3: a variable that no parameter takes.

use mcp_server_core::prelude::*;

/// Notes.
#[resource("notes://{id}/{page}")]
async fn note(id: String) -> String {
    format!("{:?}", (id))
}

fn main() {
    let _ = resources![note];
}
