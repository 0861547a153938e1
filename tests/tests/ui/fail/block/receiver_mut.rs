//! A method that wants the value for itself.

use mcp_server_core::prelude::*;

struct Sum;

#[items]
impl Sum {
    /// Add one.
    #[tool]
    async fn add(&mut self, number: i64) -> i64 {
        number
    }
}

fn main() {
    let _ = Sum;
}
