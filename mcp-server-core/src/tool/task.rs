//! How a call relates to tasks: it is none, it may become one, or it runs as one.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use serde_json::Value;

use super::context::Context;
use super::error::ToolResult;

/// What a task's function waits for.
pub(crate) type Waits<'a, R> = Pin<Box<dyn Future<Output = R> + Send + 'a>>;

/// The task that a call runs as, as its function reaches it.
pub(crate) trait TaskLink: Send + Sync + fmt::Debug {
    /// Puts a question under its author's name and waits for the client's result.
    fn ask<'a>(&'a self, name: &'a str, question: Value) -> Waits<'a, ToolResult<Value>>;
    /// Says that the answer under a name does not fit: the next question of that name is a new one.
    fn refuse<'a>(&'a self, name: &'a str) -> Waits<'a, ToolResult<()>>;
    /// Keeps what a step returned, before anything that follows from it happens.
    fn remember<'a>(&'a self, step: &'a str, value: Value) -> Waits<'a, ToolResult<()>>;
    /// Says how far the work has come, for people.
    fn say(&self, message: String);
}

/// How a call relates to tasks.
#[derive(Clone, Debug, Default)]
pub(crate) enum TaskMode {
    /// It is answered by its own request.
    #[default]
    Inline,
    /// It becomes a task where its function says so.
    Later,
    /// It runs as a task.
    Running(Arc<dyn TaskLink>),
}

impl TaskMode {
    pub(crate) fn link(&self) -> Option<&dyn TaskLink> {
        match self {
            Self::Running(link) => Some(&**link),
            Self::Inline | Self::Later => None,
        }
    }
}

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
