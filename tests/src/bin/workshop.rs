//! The server that the chaos run breaks: long calls, questions, watched topics, and effects that a book outside of it
//! counts.

use std::io::Write as _;
use std::process::ExitCode;
use std::time::Duration;

use mcp_server_core::prelude::*;
use schemars::JsonSchema;
use serde::Deserialize;

/// Take a while, and report each step.
#[tool(read_only, timeout = "60s")]
async fn slow(
    progress: Progress,
    /// How many steps.
    #[arg(range = 1..=100)]
    steps: u32,
    /// How long one takes, in milliseconds.
    #[arg(range = 1..=10_000)]
    ms: u64,
) -> String {
    for step in 1..=steps {
        tokio::time::sleep(Duration::from_millis(ms)).await;
        progress.report(f64::from(step), Some(f64::from(steps)), "working");
    }
    format!("{steps} steps")
}

#[derive(Deserialize, JsonSchema)]
struct Word {
    /// Any word.
    word: String,
}

/// Ask the user for two words, one after the other.
#[tool(read_only, timeout = "60s")]
async fn ask(context: Context) -> ToolResult<String> {
    let Word { word: first } = context.elicit("The first word?").key("first").await?;
    let Word { word: second } = context.elicit("The second word?").key("second").await?;
    Ok(format!("{first} {second}"))
}

/// A topic that can be watched.
#[resource("chaos://topic/{number}", mime = "text/plain")]
async fn topic(number: u32) -> String {
    format!("topic {number}")
}

/// Say that a topic changed.
#[tool]
async fn touch(context: Context, number: u32) -> Receipt {
    context.resource_updated(format!("chaos://topic/{number}"));
    Receipt::confirmed("those who watch it are told")
}

/// Has an effect that can be counted: a line in a book outside of this server.
fn enter(book: &str, line: &str) -> ToolResult<()> {
    let file = std::fs::OpenOptions::new().append(true).create(true).open(book);
    file.and_then(|mut file| file.write_all(format!("{line}\n").as_bytes()))
        .map_err(|error| ToolError::upstream_unavailable("the book cannot be written").cause(error))
}

/// Make an entry in a book, slowly, and once for each key.
#[tool(idempotency)]
async fn write_down(book: String, line: String, ms: u64) -> ToolResult<Receipt> {
    tokio::time::sleep(Duration::from_millis(ms)).await;
    enter(&book, &line)?;
    tokio::time::sleep(Duration::from_millis(ms)).await;
    Ok(Receipt::confirmed(line))
}

/// Take a while in a task, which another worker may begin anew.
#[tool(read_only, idempotent, task, timeout = "90s")]
async fn job(ms: u64) -> String {
    tokio::time::sleep(Duration::from_millis(ms)).await;
    format!("{ms} ms")
}

/// Take a while in a task, which only the new version of this server knows.
#[tool(read_only, idempotent, task, timeout = "90s")]
async fn job_novel(ms: u64) -> String {
    tokio::time::sleep(Duration::from_millis(ms)).await;
    format!("{ms} ms")
}

/// Make an entry in a book in a task, which nobody may repeat.
#[tool(task, timeout = "90s")]
async fn job_once(book: String, line: String, ms: u64) -> ToolResult<Receipt> {
    tokio::time::sleep(Duration::from_millis(ms)).await;
    enter(&book, &line)?;
    tokio::time::sleep(Duration::from_millis(ms)).await;
    Ok(Receipt::confirmed(line))
}

/// Ask for a word in a task.
#[tool(read_only, task, timeout = "90s")]
async fn job_asking(context: Context) -> ToolResult<String> {
    let Word { word } = context.elicit("Which word?").key("word").await?;
    Ok(word)
}

#[tokio::main]
async fn main() -> ExitCode {
    let mut tools = tools![slow, ask, touch, write_down, job, job_once, job_asking];
    if std::env::var("WORKSHOP_VERSION").is_ok_and(|version| version == "2") {
        tools.extend(tools![job_novel]);
    }
    Server::new("workshop", "1.0.0").tools(tools).resources(resources![topic]).main().await
}
