//! Two scopes in one text.

use mcp_server_core::prelude::*;

/// Add one.
#[tool(scopes("numbers:read numbers:write"))]
async fn add(number: i64) -> i64 {
    number + 1
}

fn main() {
    let _ = tools![add];
}
