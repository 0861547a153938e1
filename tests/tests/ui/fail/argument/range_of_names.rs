//! A bound that the macro cannot know.

use mcp_server_core::prelude::*;

/// Add one.
#[tool]
async fn add(#[arg(range = 1..=u32::MAX)] text: u32) -> String {
    text.to_string()
}

fn main() {
    let _ = tools![add];
}
