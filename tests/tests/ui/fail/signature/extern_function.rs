//! A tool for another language.

use mcp_server_core::prelude::*;

/// Add one.
#[tool]
extern "C" fn add(number: i64) -> i64 {
    number
}

fn main() {
    let _ = tools![add];
}
