//! The template names its variables.

use mcp_server_core::prelude::*;

#[resource("notes://{number}")]
async fn note(#[arg(rename = "id")] number: String) -> String {
    number
}

fn main() {
    let _ = resources![note];
}
