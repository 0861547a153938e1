//! A tool for the compiler.

use mcp_server_core::prelude::*;

/// Add one.
#[tool]
const fn add(number: i64) -> i64 {
    number
}

fn main() {
    let _ = tools![add];
}
