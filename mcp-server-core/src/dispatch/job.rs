//! Jobs: the author's function while it runs, whichever kind it is.

use std::future::Future;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::task::{Context as Task, Poll};

use super::blocking::Blocking;
use crate::principal::Principal;
use crate::telemetry::semconv::guard;
use crate::tool::target::Runner;
use crate::tool::{Contents, Messages, Outcome, ToolCall, ToolError};

type Boxed<R> = Pin<Box<dyn Future<Output = R> + Send>>;

/// A function that runs.
pub(crate) enum Job {
    /// A tool.
    Tool(Boxed<Outcome>),
    /// A prompt.
    Prompt(Boxed<Result<Messages, ToolError>>),
    /// A resource.
    Resource(Boxed<Result<Contents, ToolError>>),
    /// A completion.
    Completion(Boxed<Vec<String>>),
}

/// What a function ended in.
#[derive(Debug)]
pub(crate) enum Ended {
    /// A tool's outcome.
    Tool(Outcome),
    /// A prompt's messages.
    Prompt(Result<Messages, ToolError>),
    /// A resource's contents.
    Resource(Result<Contents, ToolError>),
    /// Completions.
    Completion(Result<Vec<String>, ToolError>),
    /// It panicked, with this message for the log.
    Panicked(String),
}

impl Job {
    /// Runs the function a step further; a panic is fenced here.
    pub(crate) fn poll(&mut self, task: &mut Task<'_>) -> Poll<Ended> {
        let polled = catch_unwind(AssertUnwindSafe(|| match self {
            Self::Tool(future) => future.as_mut().poll(task).map(Ended::Tool),
            Self::Prompt(future) => future.as_mut().poll(task).map(Ended::Prompt),
            Self::Resource(future) => future.as_mut().poll(task).map(Ended::Resource),
            Self::Completion(future) => future.as_mut().poll(task).map(|values| Ended::Completion(Ok(values))),
        }));
        polled.unwrap_or_else(|panic| Poll::Ready(Ended::Panicked(words(panic.as_ref()))))
    }
}

/// The message of a panic.
fn words(panic: &(dyn std::any::Any + Send)) -> String {
    panic
        .downcast_ref::<&'static str>()
        .map(|text| (*text).to_owned())
        .or_else(|| panic.downcast_ref::<String>().cloned())
        .unwrap_or_else(|| "a panic without a message".to_owned())
}

/// The caller whose share of the pool a call uses. The owner of the process, on stdio, is the only one.
fn caller(call: &ToolCall) -> Option<&str> {
    let principal = call.context().principal();
    (*principal != Principal::local()).then(|| principal.quota_key())
}

/// Starts a function in the way that its runner wants.
pub(crate) fn start<R: Send + 'static>(
    runner: &Runner<R>,
    call: ToolCall,
    pool: &Blocking,
    turned_away: fn(ToolError) -> R,
) -> Boxed<R> {
    match runner {
        Runner::Future(run) => run(call),
        Runner::Inline(run) => {
            let run = std::sync::Arc::clone(run);
            Box::pin(async move { run(call) })
        }
        Runner::Blocking(run) => {
            let run = std::sync::Arc::clone(run);
            let scope = call.context().shared().scope.clone();
            match scope.telemetry().counted(guard::QUEUE, pool.enter(caller(&call))) {
                Ok(place) => Box::pin(place.run(scope, move || run(call))),
                Err(busy) => Box::pin(std::future::ready(turned_away(busy))),
            }
        }
    }
}
