//! Only tools have a schema that a rule could stand in.

use mcp_server_core::prelude::*;

#[prompt]
async fn ask(#[arg(max_length = 5)] region: String) -> String {
    region
}

fn main() {
    let _ = prompts![ask];
}
