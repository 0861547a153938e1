//! A parameter that borrows a list.

use mcp_server_core::prelude::*;

/// Add one.
#[tool]
async fn add(numbers: &[i64]) -> i64 {
    numbers.iter().sum()
}

fn main() {
    let _ = tools![add];
}
