//! A server whose results are what its client asks for: so many rows, so many letters, after so long.

use std::process::ExitCode;
use std::time::Duration;

use mcp_server_core::prelude::*;
use schemars::JsonSchema;
use serde::Serialize;

/// A line of a list.
#[derive(Serialize, JsonSchema)]
struct Line {
    number: u32,
}

async fn lines(rows: u32, millis: u64) -> ToolResult<Rows<Line>> {
    if millis > 0 {
        tokio::time::sleep(Duration::from_millis(millis)).await;
    }
    Rows::from((0..rows).map(|number| Line { number })).or_empty("no line was asked for")
}

/// List so many lines, after so long.
#[tool(read_only, task)]
async fn list(#[arg(default = 12)] rows: u32, #[arg(default = 0)] millis: u64) -> ToolResult<Rows<Line>> {
    lines(rows, millis).await
}

/// List so many lines, like the other, and be known for oneself.
#[tool(read_only)]
async fn list_some(#[arg(default = 12)] rows: u32, #[arg(default = 0)] millis: u64) -> ToolResult<Rows<Line>> {
    lines(rows, millis).await
}

/// Write a text of so many letters.
#[tool(idempotency)]
async fn write(letters: usize) -> String {
    "a".repeat(letters)
}

/// Fail.
#[tool(read_only)]
async fn fail(really: bool) -> ToolResult<String> {
    if really {
        Err(ToolError::conflict("it was to fail"))
    } else {
        Ok("it did not fail, and says so at length".to_owned())
    }
}

#[tokio::main]
async fn main() -> ExitCode {
    Server::new("quality", "1.0.0").tools(tools![list, list_some, write, fail]).main().await
}
