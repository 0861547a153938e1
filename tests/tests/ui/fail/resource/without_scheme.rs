//! A URI without its scheme.

use mcp_server_core::prelude::*;

/// Notes.
#[resource("notes/all")]
async fn note() -> String {
    format!("{:?}", ())
}

fn main() {
    let _ = resources![note];
}
