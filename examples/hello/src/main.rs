//! The smallest server: `cargo run -p hello -- --stdio`.
use mcp_server_core::prelude::*;

/// Greet somebody by name.
#[tool(read_only)]
async fn greet(#[arg(min_length = 1)] name: String) -> String {
    format!("Hello, {name}!")
}
#[tokio::main]
async fn main() -> ExitCode {
    Server::new("hello", env!("CARGO_PKG_VERSION")).tools(tools![greet]).main().await
}
