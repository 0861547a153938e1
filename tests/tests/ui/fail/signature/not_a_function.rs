//! A tool that cannot be called.

use mcp_server_core::prelude::*;

/// Add one.
#[tool]
struct Add;

fn main() {}
