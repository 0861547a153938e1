//! TI1: two tools of one name.

use mcp_server_core::prelude::*;

struct Sum;

#[items]
impl Sum {
    /// Add one.
    #[tool]
    async fn add(&self, number: i64) -> i64 {
        number
    }

    /// Add two.
    #[tool(name = "add")]
    async fn add_two(&self, number: i64) -> i64 {
        number
    }
}

fn main() {
    let _ = Sum;
}
