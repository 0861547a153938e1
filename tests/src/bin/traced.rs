//! A server whose author traces with `tracing` and measures with OpenTelemetry, and whose tools end in every way and ask
//! everybody.

use std::process::ExitCode;
use std::time::Duration;

use mcp_server_core::prelude::*;
use mcp_server_core::tool::SendTraced as _;
use opentelemetry::KeyValue;
use opentelemetry::trace::TraceContextExt as _;
use schemars::JsonSchema;
use serde::Deserialize;
use sqlx::SqlitePool;

/// Look something up, in two steps.
#[tool(read_only)]
async fn look_up(word: String) -> String {
    let meter = opentelemetry::global::meter("author");
    meter.u64_counter("author.look_ups").build().add(1, &[KeyValue::new("kind", "word")]);
    step(&word).await
}

#[tracing::instrument(skip_all, fields(quick = word.len() < 9))]
async fn step(word: &str) -> String {
    tokio::task::yield_now().await;
    tracing::info!("half way");
    deeper();
    word.to_uppercase()
}

#[tracing::instrument]
fn deeper() {}

/// Fail because something else is down.
#[tool(read_only)]
async fn fail() -> ToolResult<String> {
    Err(ToolError::upstream_unavailable("the archive is closed"))
}

/// Find nothing.
#[tool(read_only)]
async fn find_nothing() -> ToolResult<Rows<String>> {
    Rows::from(Vec::<String>::new()).or_empty("there is none")
}

/// Panic.
#[tool(read_only)]
async fn break_down() -> String {
    panic!("a bug")
}

/// Work on a thread of its own, and say so on the span of the call.
#[tool(read_only)]
fn work() -> String {
    opentelemetry::Context::map_current(|context| {
        let span = context.span();
        span.set_attribute(KeyValue::new("shelf", 7));
        span.add_event("found", vec![KeyValue::new("password", "marzipan")]);
    });
    deeper();
    "done".to_owned()
}

/// Take long.
#[tool(read_only, timeout = "60s")]
async fn dawdle() -> &'static str {
    tokio::time::sleep(Duration::from_secs(50)).await;
    "at last"
}

/// Ask somebody else.
#[tool(read_only)]
async fn fetch(State(client): State<reqwest::Client>, url: String) -> ToolResult<String> {
    Ok(client.get(url).send_traced().await?.text().await?)
}

/// Ask a database.
#[tool(read_only)]
async fn count(State(films): State<SqlitePool>, title: String) -> ToolResult<String> {
    let query = sqlx::query_scalar::<_, i64>("SELECT count(*) FROM films WHERE title = ?");
    Ok(query.bind(title).fetch_one(&films).await?.to_string())
}

#[derive(Deserialize, JsonSchema)]
struct Word {
    /// Any word.
    word: String,
}

/// Ask the user.
#[tool(read_only)]
async fn ask(context: Context) -> ToolResult<String> {
    let Word { word } = context.elicit("Which word?").key("word").await?;
    Ok(word)
}

/// A text that is there.
#[resource("traced://note/{id}", mime = "text/plain")]
async fn note(id: String) -> ToolResult<String> {
    match id.as_str() {
        "lost" => Err(ToolError::internal("the shelf broke")),
        _ => Ok(format!("note {id}")),
    }
}

/// Ask for a summary.
#[prompt]
async fn summary() -> &'static str {
    "Write a summary."
}

#[tokio::main]
async fn main() -> ExitCode {
    let films = SqlitePool::connect("sqlite::memory:").await.expect("a database");
    sqlx::query("CREATE TABLE films (title TEXT)").execute(&films).await.expect("a table");
    Server::new("traced", "1.2.3")
        .state(films)
        .state(reqwest::Client::new())
        .tools(tools![look_up, fail, find_nothing, break_down, work, dawdle, fetch, count, ask])
        .resources(resources![note])
        .prompts(prompts![summary])
        .on_panic(|info| {
            let line = info.location().map_or(0, std::panic::Location::line);
            tracing::error!(line, "the crash reporter was told");
        })
        .main()
        .await
}
