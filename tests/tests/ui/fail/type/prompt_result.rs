//! A prompt that may be empty.

use mcp_server_core::prelude::*;

#[prompt]
async fn ask() -> Option<String> {
    None
}

fn main() {
    let _ = prompts![ask];
}
