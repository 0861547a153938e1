//! A server whose tools take and give back a value of every type in the corpus, and one that asks its user for a form.

use std::process::ExitCode;

use mcp_server_core::prelude::*;
use mcp_server_tests::corpus;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use uuid::Uuid;

/// A value that a tool gives back.
#[derive(Serialize, JsonSchema)]
struct Sample {
    tool: &'static str,
    value: Value,
}

/// List a value for each of the other tools.
#[tool(read_only)]
async fn samples() -> ToolResult<Rows<Sample>> {
    // What says nothing is no result, so these two fail as they should.
    let telling = corpus::entries().into_iter().filter(|entry| !matches!(entry.name, "unit" | "empty"));
    let samples = telling.filter_map(|entry| {
        let value = entry.samples.into_iter().find(is_exact)?;
        Some(Sample { tool: entry.name, value })
    });
    Rows::from(samples).or_empty("the corpus has no types")
}

/// Whether every client can send it: many read all numbers as doubles, which count exactly up to 2^53.
fn is_exact(value: &Value) -> bool {
    match value {
        Value::Number(number) => {
            number.is_f64() || number.as_f64().is_some_and(|number| number.abs() < 9_007_199_254_740_992.0)
        }
        Value::Array(items) => items.iter().all(is_exact),
        Value::Object(members) => members.values().all(is_exact),
        _ => true,
    }
}

#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
enum Speed {
    /// By plane, tomorrow.
    Fast,
    /// By ship, in a month.
    Slow,
}

#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
enum Extra {
    Wrapping,
    Card,
}

/// Everything that a form may have.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
struct Order {
    /// Who gets it.
    name: String,
    nick: Option<String>,
    count: Option<u8>,
    weight: f64,
    gift: bool,
    /// How it goes.
    speed: Speed,
    fallback: Option<Speed>,
    extras: Vec<Extra>,
    id: Uuid,
}

/// Ask the user for an order.
#[tool(read_only)]
async fn ask(context: Context) -> ToolResult<Structured<Order>> {
    Ok(Structured(context.elicit::<Order>("What shall be sent?").await?))
}

#[tokio::main]
async fn main() -> ExitCode {
    Server::new("corpus", env!("CARGO_PKG_VERSION")).tools(corpus::tools()).tools(tools![samples, ask]).main().await
}
