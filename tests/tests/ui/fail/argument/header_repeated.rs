//! C30: two arguments in one header.

use mcp_server_core::prelude::*;

/// Add one.
#[tool]
async fn add(#[arg(header = "Region")] one: String, #[arg(header = "region")] two: String) -> String {
    one + &two
}

fn main() {
    let _ = tools![add];
}
