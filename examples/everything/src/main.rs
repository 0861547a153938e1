//! Everything that the framework serves, in the form that the official conformance suite asks for.
//!
//! `cargo run -p everything -- --http 127.0.0.1:8080` serves MCP at `/mcp`; `--stdio` serves a pipe.

mod asking;
mod changing;
mod content;
mod prompting;
mod reading;
mod schemas;
mod trying;

use mcp_server_core::prelude::*;

#[tokio::main]
async fn main() -> ExitCode {
    Server::new("everything", env!("CARGO_PKG_VERSION"))
        .instructions("A server for tests: each tool shows one feature.")
        .tools(content::tools())
        .tools(asking::tools())
        .tools(changing::tools())
        .tools(schemas::tools())
        .tools(trying::tools())
        .prompts(prompting::prompts())
        .resources(reading::resources())
        .main()
        .await
}
