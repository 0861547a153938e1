//! An argument without a schema.

use mcp_server_core::prelude::*;

struct Pair(i64, i64);

/// Add one.
#[tool]
async fn add(pair: Pair) -> i64 {
    pair.0 + pair.1
}

fn main() {
    let _ = tools![add];
}
