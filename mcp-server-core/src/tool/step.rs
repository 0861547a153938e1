//! Steps: side effects that are done once, however many rounds a call takes and however often a task is run again.

use std::future::Future;

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::context::Context;
use super::error::{ToolError, ToolResult};

impl Context {
    /// Runs a side effect once and remembers what it returned for the later rounds of this call.
    ///
    /// A modern call that asks its user something runs again from the top with the answer; a step that is done
    /// returns what it returned then. The name must be unique in the function. The result travels with the client,
    /// sealed, so keep it small and free of secrets. A step that fails is not remembered.
    ///
    /// In a task the result is kept in the store before this returns, so that another replica, which runs the task
    /// again when this one dies, does not repeat the step.
    ///
    /// # Errors
    /// What the step returns, or `internal` if its result cannot be kept.
    pub async fn step<T, F>(&self, name: &str, run: impl FnOnce() -> F) -> ToolResult<T>
    where
        T: Serialize + DeserializeOwned,
        F: Future<Output = ToolResult<T>>,
    {
        let inputs = &self.shared().inputs;
        if let Some(done) = inputs.step(name) {
            return serde_json::from_value(done)
                .map_err(|error| ToolError::internal(format!("step `{name}` changed its type")).cause(error));
        }
        let value = run().await?;
        let kept = serde_json::to_value(&value)
            .map_err(|error| ToolError::internal(format!("the result of step `{name}` cannot be kept")).cause(error))?;
        if let Some(task) = self.shared().task.link() {
            task.remember(name, kept.clone()).await?;
        }
        inputs.remember(name, kept);
        Ok(value)
    }
}
