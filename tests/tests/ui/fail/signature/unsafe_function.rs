//! A tool that may not be called.

use mcp_server_core::prelude::*;

/// Add one.
#[tool]
unsafe fn add(number: i64) -> i64 {
    number
}

fn main() {
    let _ = tools![add];
}
