//! The JSON-RPC error object and the codes that this server may send.

use std::borrow::Cow;
use std::time::Duration;

use serde::Serialize;
use serde_json::{Value, json};

/// A protocol error: what a JSON-RPC `error` member holds.
///
/// Protocol errors are for protocol faults alone; what goes wrong in a tool is a
/// [`ToolError`](crate::tool::ToolError) inside a result, where the model can see and mend it.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct RpcError {
    /// The code, from the closed set of [`code`].
    pub code: i64,
    /// One sentence.
    pub message: Cow<'static, str>,
    /// What a program can act on.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub data: Option<Box<Value>>,
}

/// How long whoever meets an unavailable server is told to wait.
pub(crate) const WAIT: Duration = Duration::from_secs(1);

/// The codes in use (basic, Error codes).
pub mod code {
    /// The bytes are not JSON.
    pub const PARSE: i64 = -32700;
    /// JSON, but no valid message.
    pub const INVALID_REQUEST: i64 = -32600;
    /// The method is not served.
    pub const METHOD_NOT_FOUND: i64 = -32601;
    /// The parameters do not fit the method; an unknown tool, prompt or resource too.
    pub const INVALID_PARAMS: i64 = -32602;
    /// A fault of the server.
    pub const INTERNAL: i64 = -32603;
    /// A header and the body disagree (modern HTTP).
    pub const HEADER_MISMATCH: i64 = -32020;
    /// The request needs a capability that the client did not declare with it (modern).
    pub const MISSING_CAPABILITY: i64 = -32021;
    /// The revision is not served (modern).
    pub const UNSUPPORTED_VERSION: i64 = -32022;
    /// The caller lacks a scope (HTTP 403); outside the range that JSON-RPC reserves.
    pub const FORBIDDEN: i64 = -31403;
    /// No credentials, or none that hold (HTTP 401).
    pub const UNAUTHENTICATED: i64 = -31401;
    /// The server is busy or stopping (HTTP 503).
    pub const UNAVAILABLE: i64 = -31503;
    /// A missing resource, as the legacy revisions say it.
    pub const LEGACY_RESOURCE_NOT_FOUND: i64 = -32002;
}

impl RpcError {
    /// An error with a code and a sentence.
    pub fn new(code: i64, message: impl Into<Cow<'static, str>>) -> Self {
        Self { code, message: message.into(), data: None }
    }

    /// Adds what a program can act on.
    pub fn with_data(mut self, data: Value) -> Self {
        self.data = Some(Box::new(data));
        self
    }

    /// The bytes were not JSON; says where, never what stood there.
    pub fn parse(error: &serde_json::Error) -> Self {
        Self::new(
            code::PARSE,
            format!("the message is not valid JSON (line {}, column {})", error.line(), error.column()),
        )
    }

    /// JSON that is no valid message.
    pub fn invalid_request(message: impl Into<Cow<'static, str>>) -> Self {
        Self::new(code::INVALID_REQUEST, message)
    }

    /// The method is not served.
    pub fn method_not_found(method: &str) -> Self {
        Self::new(code::METHOD_NOT_FOUND, format!("the method `{}` is not served here", clip(method)))
    }

    /// Parameters that do not fit.
    pub fn invalid_params(message: impl Into<Cow<'static, str>>) -> Self {
        Self::new(code::INVALID_PARAMS, message)
    }

    /// The server cannot do it now and may in a second; `data` says so to programs.
    pub fn unavailable(message: impl Into<Cow<'static, str>>) -> Self {
        Self::new(code::UNAVAILABLE, message).with_data(json!({
            "kind": "unavailable",
            "retryable": true,
            "retryAfterMs": u64::try_from(WAIT.as_millis()).unwrap_or(u64::MAX),
        }))
    }

    /// The server cannot do it before a time has passed; `data` says so to programs.
    pub(crate) fn unavailable_for(message: impl Into<Cow<'static, str>>, retry_after: Duration) -> Self {
        Self::new(code::UNAVAILABLE, message).with_data(json!({
            "kind": "unavailable",
            "retryable": true,
            "retryAfterMs": u64::try_from(retry_after.as_millis()).unwrap_or(u64::MAX),
        }))
    }

    /// A message holds more JSON values than are allowed.
    pub(crate) fn too_many_values(most: usize) -> Self {
        Self::invalid_request(format!(
            "the message holds more than the {most} JSON values that `limits.json_values` allows: send less at once"
        ))
    }

    /// A fault of the server; the log has the detail.
    pub fn internal() -> Self {
        Self::new(code::INTERNAL, "the server failed; its log has the cause")
    }
}

/// Shortens and cleans a name that a client sent before it is repeated in a message.
pub(crate) fn clip(name: &str) -> String {
    name.chars().filter(|character| !character.is_control()).take(64).collect()
}
