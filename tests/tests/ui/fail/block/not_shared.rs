//! A value that calls cannot share.

use mcp_server_core::prelude::*;

struct Sum;

struct Count(std::cell::Cell<i64>);

#[items]
impl Count {
    /// Count.
    #[tool]
    async fn count(&self) -> i64 {
        self.0.get()
    }
}

fn main() {
    let _ = Sum;
}
