//! The attribute of a block on a function.

use mcp_server_core::prelude::*;

struct Sum;

#[items]
fn add(number: i64) -> i64 {
    number
}

fn main() {
    let _ = Sum;
}
