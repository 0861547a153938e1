//! `cargo run -p everything -- --http 127.0.0.1:8080` serves MCP at `/mcp`; `--stdio` serves a pipe.

use std::process::ExitCode;

#[tokio::main]
async fn main() -> ExitCode {
    everything::server().main().await
}
