//! The URI stands first.

use mcp_server_core::prelude::*;

/// Notes.
#[resource(uri = "notes://all")]
async fn note() -> String {
    format!("{:?}", ())
}

fn main() {
    let _ = resources![note];
}
