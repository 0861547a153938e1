//! The attribute of a method on its block.

use mcp_server_core::prelude::*;

struct Sum;

#[tool]
impl Sum {
    async fn add(&self, number: i64) -> i64 {
        number
    }
}

fn main() {}
