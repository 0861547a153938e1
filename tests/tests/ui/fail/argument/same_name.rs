//! Two arguments of one name.

use mcp_server_core::prelude::*;

/// Add one.
#[tool]
async fn add(left: i64, #[arg(rename = "left")] right: i64) -> i64 {
    left + right
}

fn main() {
    let _ = tools![add];
}
