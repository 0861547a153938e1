//! Only tools have mirrored headers.

use mcp_server_core::prelude::*;

#[prompt]
async fn ask(#[arg(header = "Region")] region: String) -> String {
    region
}

fn main() {
    let _ = prompts![ask];
}
