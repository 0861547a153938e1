//! A task as its function reaches it: questions, steps and progress go into the record.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use serde_json::Value;
use tokio::sync::Notify;

use super::outlive::{Written, surely};
use crate::task::{Answer, Desk, Fence, Record, Step};
use crate::tool::task::{TaskLink, Waits};
use crate::tool::{ToolError, ToolResult};

/// The least time between two messages of a task's progress.
const GAP: Duration = Duration::from_secs(1);

/// The way from a function to the record of its task.
#[derive(Debug)]
pub(super) struct Link {
    pub(super) desk: Arc<Desk>,
    pub(super) key: String,
    pub(super) fence: Fence,
    pub(super) expires: u64,
    /// How many questions it may put.
    pub(super) questions: usize,
    pub(super) said: Said,
    /// Questions that are to be put.
    pub(super) asking: Mutex<Vec<(String, Value)>>,
}

/// What is to be said of the progress: the latest counts.
#[derive(Debug, Default)]
pub(super) struct Said {
    message: Mutex<Option<String>>,
    changed: Notify,
}

impl Link {
    /// Writes progress as it comes, and not too often; never ends.
    pub(super) async fn tell(&self) {
        loop {
            self.said.changed.notified().await;
            let message = self.said.message.lock().unwrap_or_else(PoisonError::into_inner).take();
            if let Some(message) = message {
                let step = Step::Say(self.fence.clone(), message);
                if let Err(error) = self.desk.board().apply(&self.key, &step).await {
                    tracing::debug!(%error, "a task's progress could not be kept");
                }
                tokio::time::sleep(GAP).await;
            }
        }
    }

    /// Writes a step; a function whose task is over, or another's by now, waits there until it is dropped.
    async fn write(&self, step: Step) -> ToolResult<Record> {
        match surely(&self.desk, &self.key, &step, self.expires).await {
            Written::Now(record) => Ok(*record),
            Written::Lost => std::future::pending().await,
            Written::Refused(error) => {
                Err(ToolError::internal("what the task came to know cannot be kept").cause(error))
            }
        }
    }

    fn asking(&self) -> MutexGuard<'_, Vec<(String, Value)>> {
        self.asking.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn asked(&self, name: &str, question: Value) -> ToolResult<Value> {
        let watch = self.desk.board().watch(vec![self.key.clone()]);
        self.asking().push((name.to_owned(), question));
        // What is asked at once goes out at once: the first to go on takes the others' questions along.
        tokio::task::yield_now().await;
        let questions = std::mem::take(&mut *self.asking());
        let mut record = self.write(Step::Ask(self.fence.clone(), questions)).await?;
        if record.inputs.len() > self.questions {
            return Err(ToolError::budget_exhausted(format!("the task asked for input {} times", self.questions)));
        }
        loop {
            match record.input(name).and_then(|input| input.answer.clone()) {
                Some(Answer::Given(answer)) => return Ok(answer),
                Some(Answer::Failed(why)) => {
                    return Err(ToolError::cancelled("the client refused to answer")
                        .advice("Go on without it or ask the user what to do.")
                        .cause(why));
                }
                None => {}
            }
            watch.changed().await;
            if let Ok(Some(now)) = self.desk.board().load(&self.key).await {
                record = now;
            }
        }
    }
}

impl TaskLink for Link {
    fn ask<'a>(&'a self, name: &'a str, question: Value) -> Waits<'a, ToolResult<Value>> {
        Box::pin(self.asked(name, question))
    }

    fn refuse<'a>(&'a self, name: &'a str) -> Waits<'a, ToolResult<()>> {
        let step = Step::Refuse(self.fence.clone(), name.to_owned());
        Box::pin(async move { self.write(step).await.map(drop) })
    }

    fn remember<'a>(&'a self, step: &'a str, value: Value) -> Waits<'a, ToolResult<()>> {
        let step = Step::Remember(self.fence.clone(), step.to_owned(), value);
        Box::pin(async move { self.write(step).await.map(drop) })
    }

    fn say(&self, message: String) {
        *self.said.message.lock().unwrap_or_else(PoisonError::into_inner) = Some(message);
        self.said.changed.notify_one();
    }
}
