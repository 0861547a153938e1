//! A resource that may be missing without a word.

use mcp_server_core::prelude::*;

#[resource("notes://all")]
async fn notes() -> Option<String> {
    None
}

fn main() {
    let _ = resources![notes];
}
