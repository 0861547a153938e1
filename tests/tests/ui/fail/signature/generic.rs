//! A tool for any type.

use mcp_server_core::prelude::*;

/// Add one.
#[tool]
async fn add<T: Into<i64>>(number: T) -> i64 {
    number.into()
}

fn main() {
    let _ = tools![add];
}
