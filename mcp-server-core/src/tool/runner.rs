//! Runners: how the author's function is run.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use super::call::ToolCall;

/// A boxed future that ends in `R`.
pub(crate) type Boxed<R> = Pin<Box<dyn Future<Output = R> + Send>>;

/// The author's function behind the code that takes its parameters out of a call; `R` is what it ends in.
pub enum Runner<R> {
    /// An async function, polled in place.
    Future(Arc<dyn Fn(ToolCall) -> Boxed<R> + Send + Sync>),
    /// A plain function that may block: it runs on the bounded pool of blocking threads.
    Blocking(Arc<dyn Fn(ToolCall) -> R + Send + Sync>),
    /// A plain function that promises to return at once.
    Inline(Arc<dyn Fn(ToolCall) -> R + Send + Sync>),
}

impl<R> Runner<R> {
    /// Runs an async function.
    pub fn future<F, Fut>(run: F) -> Self
    where
        F: Fn(ToolCall) -> Fut + Send + Sync + 'static,
        Fut: Future<Output = R> + Send + 'static,
    {
        Self::Future(Arc::new(move |call| Box::pin(run(call))))
    }

    /// Runs a function that may block.
    pub fn blocking(run: impl Fn(ToolCall) -> R + Send + Sync + 'static) -> Self {
        Self::Blocking(Arc::new(run))
    }

    /// Runs a function that returns at once.
    pub fn inline(run: impl Fn(ToolCall) -> R + Send + Sync + 'static) -> Self {
        Self::Inline(Arc::new(run))
    }

    /// The runner's kind, for reports.
    pub(crate) const fn mode(&self) -> &'static str {
        match self {
            Self::Future(_) => "async",
            Self::Blocking(_) => "blocking",
            Self::Inline(_) => "inline",
        }
    }
}

impl<R> Clone for Runner<R> {
    fn clone(&self) -> Self {
        match self {
            Self::Future(run) => Self::Future(Arc::clone(run)),
            Self::Blocking(run) => Self::Blocking(Arc::clone(run)),
            Self::Inline(run) => Self::Inline(Arc::clone(run)),
        }
    }
}

impl<R> fmt::Debug for Runner<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.mode())
    }
}
