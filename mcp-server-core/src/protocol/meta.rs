//! `_meta`: what a request says about itself.

use std::borrow::Cow;

use bytes::Bytes;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use super::error::RpcError;

/// The keys that the protocol reserves in `_meta` (basic, `_meta`).
pub mod key {
    /// The revision of a modern request.
    pub const PROTOCOL_VERSION: &str = "io.modelcontextprotocol/protocolVersion";
    /// What the client of a modern request can do.
    pub const CLIENT_CAPABILITIES: &str = "io.modelcontextprotocol/clientCapabilities";
    /// Who the server is, on each modern result.
    pub const SERVER_INFO: &str = "io.modelcontextprotocol/serverInfo";
    /// Which subscription a notification belongs to.
    pub const SUBSCRIPTION_ID: &str = "io.modelcontextprotocol/subscriptionId";
    /// Which task a message of 2025-11-25 belongs to.
    pub const RELATED_TASK: &str = "io.modelcontextprotocol/related-task";
    /// What makes two calls of a tool one; of this framework.
    pub const IDEMPOTENCY_KEY: &str = "rs.mcp-server/idempotencyKey";
}

/// The reserved part of a request's `_meta`, borrowed from the message.
#[derive(Debug, Default, Deserialize)]
pub struct Meta<'a> {
    /// The revision, as raw JSON: its presence makes a request modern, its type is checked later.
    #[serde(default, borrow, rename = "io.modelcontextprotocol/protocolVersion")]
    pub protocol_version: Option<&'a RawValue>,
    /// The client's capabilities, an object.
    #[serde(default, borrow, rename = "io.modelcontextprotocol/clientCapabilities")]
    pub client_capabilities: Option<&'a RawValue>,
    /// The client's name and version; unverified.
    #[serde(default, borrow, rename = "io.modelcontextprotocol/clientInfo")]
    pub client_info: Option<&'a RawValue>,
    /// The least log level that the client wants for this request.
    #[serde(default, borrow, rename = "io.modelcontextprotocol/logLevel")]
    pub log_level: Option<&'a RawValue>,
    /// Under which token progress is to be told.
    #[serde(default, borrow, rename = "progressToken")]
    pub progress_token: Option<&'a RawValue>,
    /// What makes two calls of a tool one.
    #[serde(default, borrow, rename = "rs.mcp-server/idempotencyKey")]
    pub idempotency_key: Option<&'a RawValue>,
    /// W3C Trace Context of the caller.
    #[serde(default, borrow)]
    pub traceparent: Option<Cow<'a, str>>,
    /// The vendor part of the trace context.
    #[serde(default, borrow)]
    pub tracestate: Option<Cow<'a, str>>,
    /// What the caller wants to be known all along the trace (W3C Baggage).
    #[serde(default, borrow)]
    pub baggage: Option<Cow<'a, str>>,
}

impl<'a> Meta<'a> {
    /// Reads `_meta` from its JSON text.
    ///
    /// # Errors
    /// `-32602` if it is no object or a reserved key stands in it twice or with a wrong type.
    pub fn read(text: &'a str) -> Result<Self, RpcError> {
        if !text.trim_start().starts_with('{') {
            return Err(RpcError::invalid_params("`_meta` must be an object"));
        }
        serde_json::from_str(text).map_err(|error| RpcError::invalid_params(format!("`_meta`: {}", shape(&error))))
    }
}

/// The reason without the position: positions inside a part mean nothing to the sender.
pub(crate) fn shape(error: &serde_json::Error) -> String {
    let text = error.to_string();
    text.split(" at line ").next().unwrap_or_default().to_owned()
}

/// What a client can do, as far as this server makes use of it.
#[expect(clippy::struct_excessive_bools, reason = "each is a capability of its own, as the specification lists them")]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ClientCapabilities {
    /// Can show a form.
    pub elicitation_form: bool,
    /// Can open a URL for its user.
    pub elicitation_url: bool,
    /// Can ask its model.
    pub sampling: bool,
    /// Can let its model use tools while it samples.
    pub sampling_tools: bool,
    /// Can list roots.
    pub roots: bool,
    /// Speaks the tasks extension.
    pub tasks: bool,
}

#[derive(Deserialize)]
struct Wire<'a> {
    #[serde(default, borrow)]
    elicitation: Option<WireElicitation<'a>>,
    #[serde(default)]
    sampling: Option<WireSampling>,
    #[serde(default, borrow)]
    roots: Option<&'a RawValue>,
    #[serde(default, borrow)]
    extensions: Option<WireExtensions<'a>>,
}

#[derive(Deserialize)]
struct WireElicitation<'a> {
    #[serde(default, borrow)]
    form: Option<&'a RawValue>,
    #[serde(default, borrow)]
    url: Option<&'a RawValue>,
}

#[derive(Deserialize)]
struct WireSampling {
    #[serde(default)]
    tools: Option<serde::de::IgnoredAny>,
}

#[derive(Deserialize)]
struct WireExtensions<'a> {
    #[serde(default, borrow, rename = "io.modelcontextprotocol/tasks")]
    tasks: Option<&'a RawValue>,
}

impl ClientCapabilities {
    /// Reads a `ClientCapabilities` object.
    ///
    /// # Errors
    /// `-32602` if it is no object, or a capability in it is none.
    pub fn read(text: &str) -> Result<Self, RpcError> {
        if !text.trim_start().starts_with('{') {
            return Err(RpcError::invalid_params("the client's capabilities must be an object"));
        }
        let wire: Wire<'_> = serde_json::from_str(text)
            .map_err(|error| RpcError::invalid_params(format!("the client's capabilities: {}", shape(&error))))?;
        let (form, url) = wire.elicitation.map_or((false, false), |elicitation| {
            // An empty object means forms alone (client/elicitation, Capabilities).
            (elicitation.form.is_some() || elicitation.url.is_none(), elicitation.url.is_some())
        });
        Ok(Self {
            elicitation_form: form,
            elicitation_url: url,
            sampling: wire.sampling.is_some(),
            sampling_tools: wire.sampling.is_some_and(|sampling| sampling.tools.is_some()),
            roots: wire.roots.is_some(),
            tasks: wire.extensions.is_some_and(|extensions| extensions.tasks.is_some()),
        })
    }
}

/// Who the client says it is; never a ground for a decision (basic, `_meta`).
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
pub struct ClientInfo {
    /// Its name.
    #[serde(default)]
    pub name: String,
    /// Its version.
    #[serde(default)]
    pub version: String,
}

impl ClientInfo {
    /// Reads an `Implementation` object; what cannot be read is left empty, for nothing may depend on it.
    pub fn read(text: &Bytes) -> Self {
        serde_json::from_slice(text).unwrap_or_default()
    }
}
