//! Everything that the framework serves, in the form that the official conformance suite asks for.

mod asking;
mod changing;
mod content;
mod prompting;
mod reading;
mod schemas;
mod trying;

use mcp_server_core::Server;

/// The server, ready to be run.
pub fn server() -> Server {
    Server::new("everything", env!("CARGO_PKG_VERSION"))
        .instructions("A server for tests: each tool shows one feature.")
        .tools(content::tools())
        .tools(asking::tools())
        .tools(changing::tools())
        .tools(schemas::tools())
        .tools(trying::tools())
        .prompts(prompting::prompts())
        .resources(reading::resources())
}
