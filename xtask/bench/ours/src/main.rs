//! Ours: the same two tools on the framework, with every guard as it comes.
#![forbid(unsafe_code)]

use std::process::ExitCode;

use mcp_server_core::prelude::*;

/// Says what it was told.
#[tool(read_only)]
async fn echo(
    /// What to say.
    message: String,
) -> String {
    message
}

/// Finds reports.
#[tool(read_only)]
async fn search(
    /// Words to look for.
    #[arg(min_length = 1, max_length = 200)]
    query: String,
    /// How many rows at most.
    #[arg(range = 1..=100)]
    limit: u32,
) -> ToolResult<Rows<corpus::Row>> {
    Rows::from(corpus::search(&query, limit)).or_empty("no report has these words")
}

#[tokio::main]
async fn main() -> ExitCode {
    #[cfg(feature = "count")]
    counting::tell();
    Server::new("ours", env!("CARGO_PKG_VERSION")).tools(tools![echo, search]).main().await
}
