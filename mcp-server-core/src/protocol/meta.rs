//! `_meta`: what a request says about itself.

use std::borrow::Cow;

use bytes::Bytes;
use serde::{Deserialize, Deserializer, Serialize};
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
        let meta: Self = serde_json::from_str(text)
            .map_err(|error| RpcError::invalid_params(format!("`_meta`: {}", shape(&error))))?;
        if meta.progress_token.is_some_and(|token| !is_token(token.get())) {
            return Err(RpcError::invalid_params("`/_meta/progressToken` must be a string or an integer"));
        }
        Ok(meta)
    }
}

/// Returns whether JSON text is a progress token: a string or an integer (basic/utilities/progress).
fn is_token(text: &str) -> bool {
    text.starts_with('"') || text.strip_prefix('-').unwrap_or(text).bytes().all(|byte| byte.is_ascii_digit())
}

/// Reads a member of the envelope. `null` is absence: many clients send it for what they leave out.
pub(super) fn present<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<&'de RawValue>, D::Error> {
    <&RawValue>::deserialize(deserializer).map(|raw| Some(raw).filter(|raw| raw.get() != "null"))
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

/// The capabilities of a client as they came, each as raw JSON; `null` is absence.
#[derive(Default, Deserialize)]
struct Declared<'a> {
    #[serde(default, borrow, deserialize_with = "present")]
    elicitation: Option<&'a RawValue>,
    #[serde(default, borrow, deserialize_with = "present")]
    sampling: Option<&'a RawValue>,
    #[serde(default, borrow, deserialize_with = "present")]
    roots: Option<&'a RawValue>,
    #[serde(default, borrow, deserialize_with = "present")]
    extensions: Option<&'a RawValue>,
}

/// What some capabilities hold.
#[derive(Default, Deserialize)]
struct Members<'a> {
    #[serde(default, borrow, deserialize_with = "present")]
    form: Option<&'a RawValue>,
    #[serde(default, borrow, deserialize_with = "present")]
    url: Option<&'a RawValue>,
    #[serde(default, borrow, deserialize_with = "present")]
    tools: Option<&'a RawValue>,
    #[serde(default, borrow, rename = "io.modelcontextprotocol/tasks", deserialize_with = "present")]
    tasks: Option<&'a RawValue>,
}

/// Reads a capability, which is an object (basic/lifecycle, Capability Negotiation).
fn capability<'a, T: Default + Deserialize<'a>>(raw: Option<&'a RawValue>, pointer: &str) -> Result<T, RpcError> {
    let Some(raw) = raw else { return Ok(T::default()) };
    if !raw.get().starts_with('{') {
        return Err(RpcError::invalid_params(format!(
            "`{pointer}` of the client's capabilities must be an object, such as {{}}, or absent"
        )));
    }
    serde_json::from_str(raw.get()).map_err(|error| {
        RpcError::invalid_params(format!("`{pointer}` of the client's capabilities: {}", shape(&error)))
    })
}

/// Checks a capability of which nothing is read.
fn is_declared(raw: Option<&RawValue>, pointer: &str) -> Result<bool, RpcError> {
    capability::<Members<'_>>(raw, pointer).map(|_| raw.is_some())
}

impl ClientCapabilities {
    /// Reads a `ClientCapabilities` object.
    ///
    /// # Errors
    /// `-32602` if it is no object, or a capability in it is none; the message names which.
    pub fn read(text: &str) -> Result<Self, RpcError> {
        if !text.trim_start().starts_with('{') {
            return Err(RpcError::invalid_params("the client's capabilities must be an object"));
        }
        let declared: Declared<'_> = serde_json::from_str(text)
            .map_err(|error| RpcError::invalid_params(format!("the client's capabilities: {}", shape(&error))))?;
        let elicitation: Members<'_> = capability(declared.elicitation, "/elicitation")?;
        let sampling: Members<'_> = capability(declared.sampling, "/sampling")?;
        let extensions: Members<'_> = capability(declared.extensions, "/extensions")?;
        let elicitation_url = is_declared(elicitation.url, "/elicitation/url")?;
        // An empty object means forms alone (client/elicitation, Capabilities).
        let elicitation_form =
            is_declared(elicitation.form, "/elicitation/form")? || (declared.elicitation.is_some() && !elicitation_url);
        Ok(Self {
            elicitation_form,
            elicitation_url,
            sampling: declared.sampling.is_some(),
            sampling_tools: is_declared(sampling.tools, "/sampling/tools")?,
            roots: is_declared(declared.roots, "/roots")?,
            tasks: is_declared(extensions.tasks, "/extensions/io.modelcontextprotocol~1tasks")?,
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
