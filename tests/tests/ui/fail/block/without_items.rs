//! A block in which nothing is annotated.

use mcp_server_core::prelude::*;

struct Sum;

#[items]
impl Sum {
    async fn add(&self, number: i64) -> i64 {
        number
    }
}

fn main() {
    let _ = Sum;
}
