//! A function without its attribute.

use mcp_server_core::prelude::*;

async fn add(number: i64) -> i64 {
    number + 1
}

fn main() {
    let _ = tools![add];
}
