//! A method that would use the value up.

use mcp_server_core::prelude::*;

struct Sum;

#[items]
impl Sum {
    /// Add one.
    #[tool]
    async fn add(self, number: i64) -> i64 {
        number
    }
}

fn main() {
    let _ = Sum;
}
