//! A setting of methods on their block.

use mcp_server_core::prelude::*;

struct Sum;

#[items(read_only)]
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
