//! A resource that nobody could ask for.

use mcp_server_core::prelude::*;

/// Notes.
#[resource(name = "note")]
async fn note() -> String {
    format!("{:?}", ())
}

fn main() {
    let _ = resources![note];
}
