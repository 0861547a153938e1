//! Faults are reported together, and nothing follows from them.

use mcp_server_core::prelude::*;

/// Add one.
#[tool(timeuot = "5s", name = "add one", max_result = "64KB")]
async fn add(
    #[arg(min_length = 10, max_length = 5)] text: &str,
    #[arg(range = 5..=1)] number: u32,
) -> String {
    format!("{text} {number}")
}

fn main() {
    let _ = tools![add];
    let _ = add("text", 1);
}
