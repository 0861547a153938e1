//! The server, put together.

use mcp_server_core::Server;

use crate::{asking, changing, content, prompting, reading, schemas, trying, working};

/// The server, ready to be run.
pub fn server() -> Server {
    Server::new("everything", env!("CARGO_PKG_VERSION"))
        .instructions("A server for tests: each tool shows one feature.")
        .tools(content::tools())
        .tools(asking::tools())
        .tools(changing::tools())
        .tools(schemas::tools())
        .tools(trying::tools())
        .tools(working::tools())
        .prompts(prompting::prompts())
        .resources(reading::resources())
}
