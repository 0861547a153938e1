//! The line at which a call becomes a task.

use super::context::Context;
use super::task::TaskMode;

impl Context {
    /// Makes the call a task, in a tool that is declared `asks_first`; anywhere else it does nothing.
    ///
    /// What the function asks before this line, the caller answers first: a modern client gets `input_required` and
    /// calls again with the answer. At this line the client gets its task, and the function starts from its top
    /// once more, in the task, where the same questions return the same answers and
    /// [`step`](Self::step) returns what it returned. A client that knows no tasks has its call go on.
    ///
    /// ```
    /// use mcp_server_core::prelude::*;
    /// use schemars::JsonSchema;
    /// use serde::Deserialize;
    ///
    /// #[derive(Deserialize, JsonSchema)]
    /// struct Target { folder: String }
    ///
    /// /// Import all tickets of a folder that the user names.
    /// #[tool(task, asks_first)]
    /// async fn import(context: Context) -> ToolResult<String> {
    ///     let Target { folder } = context.elicit("Which folder?").await?;
    ///     context.begin_task().await;
    ///     // What takes long comes here.
    ///     Ok(format!("{folder} is imported."))
    /// }
    /// ```
    pub async fn begin_task(&self) {
        let shared = self.shared();
        if matches!(shared.task, TaskMode::Later) {
            shared.inputs.begin();
            std::future::pending::<()>().await;
        }
    }
}
