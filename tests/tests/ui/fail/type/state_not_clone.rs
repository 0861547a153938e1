//! State that cannot be given to each call.

use mcp_server_core::prelude::*;

struct Pair(i64, i64);

/// Add one.
#[tool]
async fn add(State(pair): State<Pair>) -> i64 {
    pair.0 + pair.1
}

fn main() {
    let _ = tools![add];
}
