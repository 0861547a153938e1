//! A method that would be two things.

use mcp_server_core::prelude::*;

struct Sum;

#[items]
impl Sum {
    /// Add one.
    #[tool]
    #[prompt]
    async fn add(&self, number: i64) -> i64 {
        number
    }
}

fn main() {
    let _ = Sum;
}
