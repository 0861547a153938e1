//! A result whose error is of the author's own kind.

use mcp_server_core::prelude::*;

struct Broken;

/// Load it.
#[tool(read_only)]
async fn read() -> Result<String, Broken> {
    Err(Broken)
}

fn main() {}
