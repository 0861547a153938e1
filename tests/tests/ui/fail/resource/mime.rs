//! A media type without a subtype.

use mcp_server_core::prelude::*;

/// Notes.
#[resource("notes://all", mime = "text")]
async fn note() -> String {
    format!("{:?}", ())
}

fn main() {
    let _ = resources![note];
}
