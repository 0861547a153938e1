//! What a function receives without asking the client for it.

use std::any::{TypeId, type_name};
use std::ops::Deref;

use super::call::ToolCall;
use super::context::Context;
use super::error::ToolError;
use super::progress::Progress;
use crate::principal::Principal;

/// A parameter that comes from the server or the request, not from the arguments.
///
/// Implement it for a type of your own to derive it from the context of a call:
///
/// ```
/// use mcp_server_core::tool::{Inject, ToolCall, ToolError};
///
/// struct Tenant(String);
///
/// impl Inject for Tenant {
///     fn inject(call: &ToolCall) -> Result<Self, ToolError> {
///         Ok(Self(call.context().principal().key().to_owned()))
///     }
/// }
/// ```
pub trait Inject: Sized + Send + 'static {
    /// Derives the value from the call.
    ///
    /// # Errors
    /// Any tool error; it ends the call.
    fn inject(call: &ToolCall) -> Result<Self, ToolError>;

    /// The state that must have been given to the builder, with its name for the report.
    fn needs() -> Option<(TypeId, &'static str)> {
        None
    }

    /// Whether a function that takes it can send log messages to the client. A server advertises `logging` only where one
    /// can.
    fn can_log() -> bool {
        true
    }
}

/// State of the server, given to the builder by `Server::state`, cloned for each call.
///
/// ```
/// use mcp_server_core::prelude::*;
///
/// #[derive(Clone)]
/// struct Greeting(String);
///
/// /// Greet somebody.
/// #[tool(read_only)]
/// async fn greet(State(greeting): State<Greeting>, name: String) -> String {
///     format!("{}, {name}!", greeting.0)
/// }
/// ```
#[derive(Clone, Copy, Debug)]
pub struct State<T>(pub T);

impl<T> Deref for State<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.0
    }
}

impl<T: Clone + Send + Sync + 'static> Inject for State<T> {
    fn inject(call: &ToolCall) -> Result<Self, ToolError> {
        call.context().state::<T>().map(Self).ok_or_else(|| {
            // The start refuses a server that lacks a tool's state, so only a dynamic tool gets here.
            ToolError::misconfigured("the server lacks something that this tool needs")
                .cause(format!("no state of type {}: call `.state(…)` on the builder", type_name::<T>()))
        })
    }

    fn needs() -> Option<(TypeId, &'static str)> {
        Some((TypeId::of::<T>(), type_name::<T>()))
    }

    fn can_log() -> bool {
        false
    }
}

impl Inject for Context {
    fn inject(call: &ToolCall) -> Result<Self, ToolError> {
        Ok(call.context().clone())
    }
}

impl Inject for Principal {
    fn inject(call: &ToolCall) -> Result<Self, ToolError> {
        Ok(call.context().principal().clone())
    }

    fn can_log() -> bool {
        false
    }
}

impl Inject for Progress {
    fn inject(call: &ToolCall) -> Result<Self, ToolError> {
        Ok(call.context().progress())
    }

    fn can_log() -> bool {
        false
    }
}

/// Tells a function that the caller gave up or the deadline passed.
///
/// An async function is dropped then and needs none of this; a blocking one, which cannot be dropped, looks at
/// [`is_cancelled`](Self::is_cancelled) between its steps.
#[derive(Clone, Debug)]
pub struct Cancellation(pub(crate) tokio_util::sync::CancellationToken);

impl Cancellation {
    /// Whether the call was given up.
    pub fn is_cancelled(&self) -> bool {
        self.0.is_cancelled()
    }

    /// Waits until the call is given up. Dropping the future waits no more.
    pub async fn cancelled(&self) {
        self.0.cancelled().await;
    }
}

impl Inject for Cancellation {
    fn inject(call: &ToolCall) -> Result<Self, ToolError> {
        Ok(Self(call.context().cancellation()))
    }

    fn can_log() -> bool {
        false
    }
}
