//! The floor over HTTP: bare axum with typed serde, as lean as the wire format allows, and nothing guarded.
#![forbid(unsafe_code)]

use std::borrow::Cow;

use axum::Router;
use axum::body::Bytes;
use axum::http::{HeaderValue, StatusCode, header::CONTENT_TYPE};
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use axum::serve::ListenerExt;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

#[derive(Deserialize)]
struct Request<'a> {
    #[serde(borrow)]
    jsonrpc: Cow<'a, str>,
    #[serde(borrow)]
    id: &'a RawValue,
    #[serde(borrow)]
    method: Cow<'a, str>,
    #[serde(borrow)]
    params: Params<'a>,
}

#[derive(Deserialize)]
struct Params<'a> {
    #[serde(borrow)]
    name: Cow<'a, str>,
    #[serde(borrow)]
    arguments: &'a RawValue,
    #[serde(borrow, rename = "_meta")]
    meta: Meta<'a>,
}

#[derive(Deserialize)]
struct Meta<'a> {
    #[serde(borrow, rename = "io.modelcontextprotocol/protocolVersion")]
    version: Cow<'a, str>,
}

#[derive(Deserialize)]
struct Echo<'a> {
    #[serde(borrow)]
    message: Cow<'a, str>,
}

#[derive(Deserialize)]
struct Search<'a> {
    #[serde(borrow)]
    query: Cow<'a, str>,
    limit: u32,
}

#[derive(Serialize)]
struct Rows {
    rows: Vec<corpus::Row>,
}

#[derive(Serialize)]
struct Reply<'a> {
    jsonrpc: &'static str,
    id: &'a RawValue,
    result: ToolResult<'a>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ToolResult<'a> {
    result_type: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    structured_content: Option<&'a RawValue>,
    content: [Text<'a>; 1],
    #[serde(rename = "_meta")]
    meta: ResultMeta,
}

#[derive(Serialize)]
struct Text<'a> {
    r#type: &'static str,
    text: &'a str,
}

#[derive(Serialize)]
struct ResultMeta {
    #[serde(rename = "io.modelcontextprotocol/serverInfo")]
    server: ServerInfo,
}

#[derive(Serialize)]
struct ServerInfo {
    name: &'static str,
    version: &'static str,
}

/// Answers one `tools/call` of 2026-07-28; everything else is a bare 400.
async fn mcp(body: Bytes) -> Response {
    answer(&body).unwrap_or_else(|| StatusCode::BAD_REQUEST.into_response())
}

fn answer(body: &[u8]) -> Option<Response> {
    let request: Request<'_> = serde_json::from_slice(body).ok()?;
    let modern = request.jsonrpc == "2.0" && request.params.meta.version == "2026-07-28";
    if !modern || request.method != "tools/call" {
        return None;
    }
    let arguments = request.params.arguments.get();
    match &*request.params.name {
        "echo" => {
            let echo: Echo<'_> = serde_json::from_str(arguments).ok()?;
            reply(request.id, &echo.message, None)
        }
        "search" => {
            let search: Search<'_> = serde_json::from_str(arguments).ok()?;
            let fits = (1..=corpus::MAX_QUERY).contains(&search.query.chars().count());
            if !fits || !(1..=corpus::MAX_ROWS).contains(&search.limit) {
                return None;
            }
            let rows = Rows { rows: corpus::search(&search.query, search.limit) };
            let rows = serde_json::value::to_raw_value(&rows).ok()?;
            reply(request.id, rows.get(), Some(&rows))
        }
        _ => None,
    }
}

fn reply(id: &RawValue, text: &str, structured_content: Option<&RawValue>) -> Option<Response> {
    let meta = ResultMeta { server: ServerInfo { name: "axum-typed", version: "0.1.0" } };
    let content = [Text { r#type: "text", text }];
    let result = ToolResult { result_type: "complete", structured_content, content, meta };
    let mut bytes = Vec::with_capacity(256 + 2 * text.len());
    serde_json::to_writer(&mut bytes, &Reply { jsonrpc: "2.0", id, result }).ok()?;
    Some(([(CONTENT_TYPE, HeaderValue::from_static("application/json"))], bytes).into_response())
}

#[tokio::main]
async fn main() -> std::io::Result<()> {
    #[cfg(feature = "count")]
    counting::tell();
    let address = std::env::args().skip_while(|arg| arg != "--http").nth(1).unwrap_or("127.0.0.1:8080".to_owned());
    let listener = tokio::net::TcpListener::bind(address).await?.tap_io(|stream| {
        let _ = stream.set_nodelay(true);
    });
    axum::serve(listener, Router::new().route("/mcp", post(mcp))).await
}
