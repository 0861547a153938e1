//! `ToolError`: an error that an agent can act on.

use std::error::Error;
use std::fmt;
use std::time::Duration;

use serde::{Deserialize, Serialize};

/// What went wrong, as a stable word that a program can act on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum ErrorKind {
    /// An argument breaks the published schema or a rule of the tool.
    InvalidArgument,
    /// What was named does not exist, or not for this caller.
    NotFound,
    /// The state of things forbids it now.
    Conflict,
    /// The caller may not do this.
    PermissionDenied,
    /// Too many calls; wait.
    RateLimited,
    /// A budget is spent.
    BudgetExhausted,
    /// A limit of time passed.
    Timeout,
    /// The caller gave the call up.
    Cancelled,
    /// Something that the tool depends on does not answer or answers with a fault.
    UpstreamUnavailable,
    /// Something that the tool depends on refuses what this server asks of it: its credentials, its right, its request.
    UpstreamRejected,
    /// Something that the tool depends on answers with what it must not: a wrong form, an error inside a success.
    BadUpstream,
    /// The breaker of a dependency is open.
    CircuitOpen,
    /// The server is busy; try again.
    Overloaded,
    /// The result is over its limit of bytes.
    ResultTooLarge,
    /// The tool returned what its output schema forbids.
    InvalidOutput,
    /// The tool returned nothing and gave no reason.
    UnexplainedEmpty,
    /// The server is set up wrongly.
    Misconfigured,
    /// The process that ran the call died.
    WorkerLost,
    /// A fault of the server.
    Internal,
}

impl ErrorKind {
    /// The kind as it is written on the wire and in metrics.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::InvalidArgument => "invalid_argument",
            Self::NotFound => "not_found",
            Self::Conflict => "conflict",
            Self::PermissionDenied => "permission_denied",
            Self::RateLimited => "rate_limited",
            Self::BudgetExhausted => "budget_exhausted",
            Self::Timeout => "timeout",
            Self::Cancelled => "cancelled",
            Self::UpstreamUnavailable => "upstream_unavailable",
            Self::UpstreamRejected => "upstream_rejected",
            Self::BadUpstream => "bad_upstream",
            Self::CircuitOpen => "circuit_open",
            Self::Overloaded => "overloaded",
            Self::ResultTooLarge => "result_too_large",
            Self::InvalidOutput => "invalid_output",
            Self::UnexplainedEmpty => "unexplained_empty",
            Self::Misconfigured => "misconfigured",
            Self::WorkerLost => "worker_lost",
            Self::Internal => "internal",
        }
    }

    /// Returns whether the caller is at fault, and neither the server nor what it depends on.
    ///
    /// ```
    /// use mcp_server_core::tool::ErrorKind;
    ///
    /// assert!(ErrorKind::InvalidArgument.is_callers_fault());
    /// assert!(!ErrorKind::UpstreamRejected.is_callers_fault());
    /// ```
    pub const fn is_callers_fault(self) -> bool {
        matches!(
            self,
            Self::InvalidArgument
                | Self::NotFound
                | Self::Conflict
                | Self::PermissionDenied
                | Self::BudgetExhausted
                | Self::Cancelled
        )
    }

    /// Whether the same call may succeed later.
    pub const fn retryable(self) -> bool {
        matches!(
            self,
            Self::RateLimited
                | Self::Timeout
                | Self::UpstreamUnavailable
                | Self::CircuitOpen
                | Self::Overloaded
                | Self::WorkerLost
        )
    }

    /// What an agent is told to do, unless the tool says it better.
    const fn default_advice(self) -> &'static str {
        match self {
            Self::InvalidArgument => "Correct the arguments and call again.",
            Self::NotFound => "Check the identifier; do not invent one.",
            Self::Conflict => "Read the current state, then decide whether to call again.",
            Self::PermissionDenied => "Tell the user that this needs a permission they do not have here.",
            Self::RateLimited | Self::Overloaded => "Wait, then call again; do not answer from memory.",
            Self::BudgetExhausted => "Tell the user that the budget is spent.",
            Self::Timeout => "Ask for less, or tell the user that it took too long; do not answer from memory.",
            Self::Cancelled => "The call was given up; its effect is unknown unless the tool says otherwise.",
            Self::UpstreamUnavailable | Self::CircuitOpen | Self::WorkerLost => {
                "Try again later, or tell the user that the data cannot be reached; do not answer from memory."
            }
            Self::ResultTooLarge => "Narrow the request: fewer rows, fewer fields, or a page at a time.",
            Self::UpstreamRejected => {
                "This is a fault of the server, not of the arguments or of the user: tell the user that the data cannot be \
                 read and quote the reference; do not answer from memory."
            }
            Self::BadUpstream => {
                "The source of the data is faulty: tell the user that the data cannot be read and quote the reference; do \
                 not answer from memory."
            }
            Self::InvalidOutput | Self::UnexplainedEmpty | Self::Misconfigured | Self::Internal => {
                "Tell the user that the tool failed and quote the reference; do not answer from memory."
            }
        }
    }
}

impl fmt::Display for ErrorKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A failed tool call: what the agent may read, and apart from it what the operator may read.
///
/// The message, advice and pointer go to the agent. The [`cause`](Self::cause) goes to the log under the correlation
/// id of the call and never to the wire.
///
/// ```
/// use std::time::Duration;
/// use mcp_server_core::tool::{ErrorKind, ToolError};
///
/// let error = ToolError::upstream_unavailable("the ticket system does not answer")
///     .retry_after(Duration::from_secs(30))
///     .advice("Tell the user that tickets cannot be read right now.");
/// assert_eq!(error.kind(), ErrorKind::UpstreamUnavailable);
/// assert!(error.retryable());
/// ```
pub struct ToolError(Box<Inner>);

struct Inner {
    kind: ErrorKind,
    message: String,
    advice: Option<String>,
    retryable: Option<bool>,
    retry_after: Option<Duration>,
    pointer: Option<String>,
    details: Option<serde_json::Value>,
    cause: Option<Box<dyn Error + Send + Sync>>,
}

/// What a tool returns when it can fail.
pub type ToolResult<T> = Result<T, ToolError>;

macro_rules! constructors {
    ($($name:ident => $kind:ident : $doc:literal),* $(,)?) => {
        impl ToolError {
            $(#[doc = $doc]
            pub fn $name(message: impl Into<String>) -> Self {
                Self::new(ErrorKind::$kind, message)
            })*
        }
    };
}

constructors! {
    invalid_argument => InvalidArgument: "An argument breaks a rule of the tool.",
    not_found => NotFound: "What was named does not exist, or not for this caller.",
    conflict => Conflict: "The state of things forbids it now.",
    permission_denied => PermissionDenied: "The caller may not do this.",
    rate_limited => RateLimited: "Too many calls; wait.",
    budget_exhausted => BudgetExhausted: "A budget is spent.",
    timeout => Timeout: "A limit of time passed.",
    cancelled => Cancelled: "The call was given up.",
    upstream_unavailable => UpstreamUnavailable: "A dependency does not answer, or answers with a fault.",
    upstream_rejected => UpstreamRejected: "A dependency refuses what this server asks of it.",
    bad_upstream => BadUpstream: "A dependency answers with what it must not.",
    circuit_open => CircuitOpen: "The breaker of a dependency is open.",
    overloaded => Overloaded: "The server is busy.",
    result_too_large => ResultTooLarge: "The result is over its limit of bytes.",
    invalid_output => InvalidOutput: "The tool returned what its output schema forbids.",
    unexplained_empty => UnexplainedEmpty: "The tool returned nothing and gave no reason.",
    misconfigured => Misconfigured: "The server is set up wrongly.",
}

impl ToolError {
    /// An error of a kind with a message for the agent.
    pub fn new(kind: ErrorKind, message: impl Into<String>) -> Self {
        Self(Box::new(Inner {
            kind,
            message: message.into(),
            advice: None,
            retryable: None,
            retry_after: None,
            pointer: None,
            details: None,
            cause: None,
        }))
    }

    /// Says what the agent should do, in plain words, instead of the kind's own advice.
    pub fn advice(mut self, advice: impl Into<String>) -> Self {
        self.0.advice = Some(advice.into());
        self
    }

    /// Says that the same call may succeed after a while.
    pub fn retry_after(mut self, wait: Duration) -> Self {
        self.0.retryable = Some(true);
        self.0.retry_after = Some(wait);
        self
    }

    /// Says that the same call will not succeed, whatever the kind suggests.
    pub fn do_not_retry(mut self) -> Self {
        self.0.retryable = Some(false);
        self.0.retry_after = None;
        self
    }

    /// Names the bad argument by JSON pointer, such as `/limit` (RFC 6901).
    pub fn pointer(mut self, pointer: impl Into<String>) -> Self {
        self.0.pointer = Some(pointer.into());
        self
    }

    /// Adds what a program can act on; it goes to the client.
    pub fn details(mut self, details: serde_json::Value) -> Self {
        self.0.details = Some(details);
        self
    }

    /// Keeps the cause for the log; it never goes to the client.
    pub fn cause(mut self, cause: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        self.0.cause = Some(cause.into());
        self
    }

    /// The kind.
    pub fn kind(&self) -> ErrorKind {
        self.0.kind
    }

    /// What the agent reads.
    pub fn message(&self) -> &str {
        &self.0.message
    }

    /// What the agent is told to do: the advice that was given, or the kind's own.
    pub fn advice_text(&self) -> &str {
        self.0.advice.as_deref().unwrap_or(self.0.kind.default_advice())
    }

    /// Whether the same call may succeed later.
    pub fn retryable(&self) -> bool {
        self.0.retryable.unwrap_or(self.0.kind.retryable())
    }

    /// How long to wait before that.
    pub fn wait(&self) -> Option<Duration> {
        self.0.retry_after
    }

    /// The text that the agent reads: message, advice, wait and reference.
    pub(crate) fn text(&self, reference: &str) -> String {
        let mut text = self.0.message.trim_end().to_owned();
        if !text.ends_with(['.', '!', '?', ':']) {
            text.push('.');
        }
        text.push(' ');
        text.push_str(self.advice_text());
        if let Some(wait) = self.0.retry_after {
            text.push_str(" Retry after ");
            text.push_str(&wait.as_secs_f64().ceil().to_string());
            text.push_str(" s.");
        }
        format!("{text} (kind: {}, reference: {reference})", self.0.kind)
    }

    /// The same as data, for programs.
    pub(crate) fn to_value(&self, reference: &str) -> serde_json::Value {
        let mut value = serde_json::json!({
            "kind": self.0.kind.as_str(),
            "message": self.0.message,
            "retryable": self.retryable(),
            "advice": self.advice_text(),
            "correlationId": reference,
        });
        if let Some(object) = value.as_object_mut() {
            if let Some(wait) = self.0.retry_after {
                object.insert("retryAfterMs".into(), u64::try_from(wait.as_millis()).unwrap_or(u64::MAX).into());
            }
            if let Some(pointer) = &self.0.pointer {
                object.insert("pointer".into(), pointer.as_str().into());
            }
            if let Some(details) = &self.0.details {
                object.insert("details".into(), details.clone());
            }
        }
        value
    }

    /// The error that [`to_value`](Self::to_value) was made of, without its cause, and the id under which the log has it.
    pub(crate) fn from_value(value: &serde_json::Value) -> Option<(Self, String)> {
        let text = |member: &str| value.get(member).and_then(serde_json::Value::as_str).map(str::to_owned);
        let error = Self(Box::new(Inner {
            kind: value.get("kind").and_then(|kind| ErrorKind::deserialize(kind).ok())?,
            message: text("message")?,
            advice: text("advice"),
            retryable: value.get("retryable").and_then(serde_json::Value::as_bool),
            retry_after: value.get("retryAfterMs").and_then(serde_json::Value::as_u64).map(Duration::from_millis),
            pointer: text("pointer"),
            details: value.get("details").cloned(),
            cause: None,
        }));
        Some((error, text("correlationId")?))
    }

    /// The cause with all that stands behind it, for the log.
    pub(crate) fn log_text(&self) -> String {
        let mut text = self.0.message.clone();
        let mut next: Option<&(dyn Error + 'static)> = self.0.cause.as_deref().map(|cause| cause as _);
        while let Some(cause) = next {
            text.push_str(": ");
            text.push_str(&cause.to_string());
            next = cause.source();
        }
        text
    }
}

impl fmt::Debug for ToolError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ToolError")
            .field("kind", &self.0.kind)
            .field("message", &self.0.message)
            .finish_non_exhaustive()
    }
}

impl fmt::Display for ToolError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.0.kind, self.0.message)
    }
}

impl Error for ToolError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.0.cause.as_deref().map(|cause| cause as _)
    }
}
