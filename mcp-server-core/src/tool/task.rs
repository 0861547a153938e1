//! How a call relates to tasks: it is none, it may become one, or it runs as one.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use serde_json::Value;

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
