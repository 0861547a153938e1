//! The peer: the same two tools on the official SDK, set up as its documentation says and for speed where it lets one.
#![forbid(unsafe_code)]

use std::sync::Arc;

use rmcp::handler::server::router::tool::ToolRouter;
use rmcp::handler::server::wrapper::{Json, Parameters};
use rmcp::transport::streamable_http_server::session::local::LocalSessionManager;
use rmcp::transport::streamable_http_server::{StreamableHttpServerConfig, StreamableHttpService};
use rmcp::{ServerHandler, ServiceExt, tool, tool_handler, tool_router};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

#[derive(Deserialize, JsonSchema)]
struct Echo {
    /// What to say.
    message: String,
}

#[derive(Deserialize, JsonSchema)]
struct Search {
    /// Words to look for.
    #[schemars(length(min = 1, max = 200))]
    query: String,
    /// How many rows at most.
    #[schemars(range(min = 1, max = 100))]
    limit: u32,
}

#[derive(JsonSchema, Serialize)]
struct Rows {
    rows: Vec<corpus::Row>,
}

#[derive(Clone)]
struct Bench {
    // Built once: the service is cloned for every request.
    tools: Arc<ToolRouter<Self>>,
}

#[tool_router]
impl Bench {
    fn new() -> Self {
        Self { tools: Arc::new(Self::tool_router()) }
    }

    /// Says what it was told.
    #[tool]
    async fn echo(&self, Parameters(Echo { message }): Parameters<Echo>) -> String {
        message
    }

    /// Finds reports.
    #[tool]
    async fn search(&self, Parameters(Search { query, limit }): Parameters<Search>) -> Json<Rows> {
        Json(Rows { rows: corpus::search(&query, limit) })
    }
}

#[tool_handler(router = self.tools)]
impl ServerHandler for Bench {}

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    #[cfg(feature = "count")]
    counting::tell();
    let bench = Bench::new();
    if std::env::args().any(|arg| arg == "--stdio") {
        bench.serve(rmcp::transport::stdio()).await?.waiting().await?;
        return Ok(());
    }
    let address = std::env::args().skip_while(|arg| arg != "--http").nth(1).unwrap_or("127.0.0.1:8080".to_owned());
    let config = StreamableHttpServerConfig::default().with_json_response(true);
    let sessions = Arc::new(LocalSessionManager::default());
    let service = StreamableHttpService::new(move || Ok(bench.clone()), sessions, config);
    let listener = tokio::net::TcpListener::bind(address).await?;
    let listener = axum::serve::ListenerExt::tap_io(listener, |stream| {
        let _ = stream.set_nodelay(true);
    });
    axum::serve(listener, axum::Router::new().nest_service("/mcp", service)).await?;
    Ok(())
}
