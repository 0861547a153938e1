//! A block of a trait.

use mcp_server_core::prelude::*;

struct Sum;

trait Add {
    fn add(&self, number: i64) -> i64;
}

#[items]
impl Add for Sum {
    /// Add one.
    #[tool]
    fn add(&self, number: i64) -> i64 {
        number
    }
}

fn main() {
    let _ = Sum;
}
