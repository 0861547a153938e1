//! Single use is for tools.

use mcp_server_core::prelude::*;

/// Say something.
#[prompt(single_use)]
async fn say() -> &'static str {
    "something"
}

fn main() {
    let _ = prompts![say];
}
