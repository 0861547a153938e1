//! A setting of tools on a prompt.

use mcp_server_core::prelude::*;

/// Ask.
#[prompt(timeout = "5s")]
async fn ask() -> String {
    "ask".to_owned()
}

fn main() {
    let _ = prompts![ask];
}
