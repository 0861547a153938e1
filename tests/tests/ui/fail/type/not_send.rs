//! A future that is bound to one thread.

use mcp_server_core::prelude::*;

/// Add one.
#[tool]
async fn add(number: i64) -> i64 {
    let number = std::rc::Rc::new(number);
    std::future::ready(()).await;
    *number
}

fn main() {
    let _ = tools![add];
}
