//! Tools that may run as tasks, or must.

use std::future::IntoFuture as _;
use std::time::Duration;

use mcp_server_core::prelude::*;
use mcp_server_core::tool::Item;
use schemars::JsonSchema;
use serde::Deserialize;

#[derive(Deserialize, JsonSchema)]
struct Name {
    /// Your name.
    name: String,
}

#[derive(Deserialize, JsonSchema)]
struct Confirmation {
    /// Whether to do it.
    confirm: bool,
}

#[derive(Deserialize, JsonSchema)]
struct Signature {
    /// Who signs.
    name: String,
    /// Whether they agree.
    confirm: bool,
}

/// Greet somebody at once.
#[tool(read_only)]
async fn greet(
    /// Whom to greet.
    name: String,
) -> String {
    format!("Hello, {name}!")
}

/// Compute for some seconds.
#[tool(read_only, idempotent, task)]
async fn slow_compute(
    progress: Progress,
    /// How long it takes.
    #[arg(range = 0..=3600)]
    seconds: u32,
    /// What to call the result.
    label: String,
) -> String {
    for second in 0..seconds {
        progress.report(f64::from(second + 1), Some(f64::from(seconds)), &format!("computing {label}"));
        tokio::time::sleep(Duration::from_secs(1)).await;
    }
    format!("{label} was computed in {seconds} s.")
}

/// Work for a second and fail.
#[tool(read_only, task = "required")]
async fn failing_job() -> ToolResult<String> {
    tokio::time::sleep(Duration::from_secs(1)).await;
    Err(ToolError::upstream_unavailable("the job did not succeed"))
}

/// Need the roots of a client that has told of none: a fault of the protocol.
#[tool(read_only, task)]
async fn protocol_error_job(context: Context) -> ToolResult<String> {
    let roots = context.roots().await?;
    Ok(format!("The client has {} roots.", roots.len()))
}

/// Delete a file that does not exist, once its user agrees.
#[tool(destructive, task)]
async fn confirm_delete(
    context: Context,
    /// Which file.
    filename: String,
) -> ToolResult<Receipt> {
    let Confirmation { confirm } = context.elicit(format!("Delete {filename}?")).key("confirm").await?;
    Ok(if confirm {
        Receipt::confirmed(format!("{filename} is deleted"))
    } else {
        Receipt::unchanged(format!("{filename} is kept"))
    })
}

/// Ask for two signatures at once.
#[tool(read_only, task)]
async fn multi_input(context: Context) -> ToolResult<String> {
    let (first, second) = tokio::join!(
        context.elicit::<Signature>("Who signs first?").key("first").into_future(),
        context.elicit::<Signature>("Who signs second?").key("second").into_future(),
    );
    let (first, second) = (first?, second?);
    let agreed = first.confirm && second.confirm;
    Ok(format!("{} and {} have answered; both agree: {agreed}", first.name, second.name))
}

/// Ask for a name, then greet in a task.
#[tool(read_only, task = "required", asks_first)]
async fn test_tool_with_task(context: Context) -> ToolResult<String> {
    let Name { name } = context.elicit("What is your name?").key("user_name").await?;
    context.begin_task().await;
    Ok(format!("Hello, {name}, from the task!"))
}

pub(crate) fn tools() -> Vec<Item> {
    tools![greet, slow_compute, failing_job, protocol_error_job, confirm_delete, multi_input, test_tool_with_task,]
}
