//! Tools for trying the framework's limits.

use std::time::Duration;

use mcp_server_core::prelude::*;
use mcp_server_core::tool::Item;

/// Take a while.
#[tool(read_only)]
async fn slow(
    /// How long, in milliseconds.
    #[arg(range = 0..=60_000)]
    ms: u32,
) -> String {
    tokio::time::sleep(Duration::from_millis(ms.into())).await;
    format!("That took {ms} ms.")
}

/// Panic.
#[tool(read_only)]
async fn boom() -> String {
    panic!("boom: secret detail")
}

/// Return a text of some size.
#[tool(read_only)]
async fn big(
    /// How many bytes.
    #[arg(range = 1..=10_000_000)]
    bytes: usize,
) -> String {
    "x".repeat(bytes)
}

/// Return nothing and say nothing.
#[tool(read_only)]
async fn empty() -> String {
    String::new()
}

/// Write to standard output, as a careless library would.
#[tool(read_only)]
async fn stray_print() -> &'static str {
    println!("this line is no message");
    "It was printed."
}

pub fn tools() -> Vec<Item> {
    tools![slow, boom, big, empty, stray_print]
}
