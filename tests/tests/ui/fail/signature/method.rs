//! A method whose block is not annotated.

use mcp_server_core::prelude::*;

struct Sum;

impl Sum {
    /// Add one.
    #[tool]
    async fn add(&self, number: i64) -> i64 {
        number
    }
}

fn main() {
    let _ = Sum;
}
