//! F19: a function whose own name is no legal name.

use mcp_server_core::prelude::*;

/// Add one.
#[tool]
async fn größe(number: i64) -> i64 {
    number + 1
}

fn main() {
    let _ = tools![größe];
}
