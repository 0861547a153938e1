//! An argument that is there on some systems only.

use mcp_server_core::prelude::*;

/// Add one.
#[tool]
async fn add(left: i64, #[cfg(unix)] right: i64) -> i64 {
    left + right
}

fn main() {
    let _ = tools![add];
}
