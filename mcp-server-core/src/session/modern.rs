//! Modern requests: what each says about itself in `_meta` (basic, `_meta`; basic/versioning).

use std::borrow::Cow;

use serde_json::json;
use serde_json::value::RawValue;

use crate::principal::Principal;
use crate::protocol::error::code;
use crate::protocol::meta::{Meta, key};
use crate::protocol::params::{text, typed};
use crate::protocol::{ClientCapabilities, LogLevel, Revision, RpcError};
use crate::tool::Caller;

/// What a modern request declares.
#[derive(Debug)]
pub(crate) struct Declared<'a> {
    /// The revision's name, not yet looked up.
    pub(crate) version: Cow<'a, str>,
    capabilities: ClientCapabilities,
    log_level: Option<&'a RawValue>,
}

/// Whether a request is modern: it names its revision in `_meta`, whatever its method is.
pub(crate) fn is_modern(meta: &Meta<'_>) -> bool {
    meta.protocol_version.is_some()
}

impl<'a> Declared<'a> {
    /// Reads the declarations.
    ///
    /// # Errors
    /// `-32602` naming the key that is missing or has the wrong type.
    pub(crate) fn read(meta: &Meta<'a>) -> Result<Self, RpcError> {
        let version = text(meta.protocol_version, &format_key(key::PROTOCOL_VERSION))?;
        let capabilities = meta.client_capabilities.ok_or_else(|| missing(key::CLIENT_CAPABILITIES))?;
        let capabilities = ClientCapabilities::read(capabilities.get())?;
        Ok(Self { version, capabilities, log_level: meta.log_level })
    }

    /// Looks the revision up.
    ///
    /// # Errors
    /// `-32022` with what is served and what was asked for.
    pub(crate) fn revision(&self) -> Result<Revision, RpcError> {
        Revision::parse(&self.version).filter(|revision| revision.is_modern()).ok_or_else(|| unsupported(&self.version))
    }

    /// The caller.
    ///
    /// # Errors
    /// `-32602` if the level of log messages is unknown. It is a parameter of the request, not a declaration: the request
    /// is a modern one whatever it says.
    pub(crate) fn caller(&self, revision: Revision, principal: Principal) -> Result<Caller, RpcError> {
        let log_level: Option<LogLevel> = typed(self.log_level, &format_key("io.modelcontextprotocol/logLevel"))?;
        Ok(Caller { principal, revision, capabilities: self.capabilities, log_level, session: None, link: None })
    }
}

/// The error for a modern request that lacks `_meta` or a part of it.
pub(crate) fn missing(name: &str) -> RpcError {
    RpcError::invalid_params(format!(
        "`/_meta/{name}` is required; this server serves {} by it",
        Revision::MODERN.map(Revision::as_str).join(", ")
    ))
}

/// The error for a revision that is not served.
pub(crate) fn unsupported(requested: &str) -> RpcError {
    RpcError::new(code::UNSUPPORTED_VERSION, "this protocol revision is not served by `_meta`").with_data(json!({
        "supported": Revision::MODERN.map(Revision::as_str),
        "requested": crate::protocol::error::clip(requested),
    }))
}

fn format_key(name: &str) -> String {
    format!("_meta/{name}")
}
