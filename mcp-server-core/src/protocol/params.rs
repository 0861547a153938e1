//! The parameters of every method, read in one pass and typed where they are used.

use std::borrow::Cow;

use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::value::RawValue;

use super::error::RpcError;
use super::jsonrpc::BorrowedText;
use super::meta::{Meta, present, shape};

/// The members that any served method may carry, as raw JSON; unknown ones are passed over.
///
/// Each stays raw until its handler asks for it by type, so that a wrong type is reported by name.
#[derive(Debug, Default, Deserialize)]
#[expect(missing_docs, reason = "the names are those of the specification's schema")]
pub struct Params<'a> {
    #[serde(default, borrow, rename = "_meta", deserialize_with = "present")]
    pub meta: Option<&'a RawValue>,
    #[serde(default, borrow, deserialize_with = "present")]
    pub name: Option<&'a RawValue>,
    #[serde(default, borrow, deserialize_with = "present")]
    pub arguments: Option<&'a RawValue>,
    #[serde(default, borrow, deserialize_with = "present")]
    pub uri: Option<&'a RawValue>,
    #[serde(default, borrow, deserialize_with = "present")]
    pub cursor: Option<&'a RawValue>,
    #[serde(default, borrow, rename = "inputResponses", deserialize_with = "present")]
    pub input_responses: Option<&'a RawValue>,
    #[serde(default, borrow, rename = "requestState", deserialize_with = "present")]
    pub request_state: Option<&'a RawValue>,
    #[serde(default, borrow, rename = "ref", deserialize_with = "present")]
    pub reference: Option<&'a RawValue>,
    #[serde(default, borrow, deserialize_with = "present")]
    pub argument: Option<&'a RawValue>,
    #[serde(default, borrow, deserialize_with = "present")]
    pub context: Option<&'a RawValue>,
    #[serde(default, borrow, deserialize_with = "present")]
    pub level: Option<&'a RawValue>,
    #[serde(default, borrow, deserialize_with = "present")]
    pub notifications: Option<&'a RawValue>,
    #[serde(default, borrow, rename = "requestId", deserialize_with = "present")]
    pub request_id: Option<&'a RawValue>,
    #[serde(default, borrow, rename = "protocolVersion", deserialize_with = "present")]
    pub protocol_version: Option<&'a RawValue>,
    #[serde(default, borrow, deserialize_with = "present")]
    pub capabilities: Option<&'a RawValue>,
    #[serde(default, borrow, rename = "taskId", deserialize_with = "present")]
    pub task_id: Option<&'a RawValue>,
    #[serde(default, borrow, deserialize_with = "present")]
    pub task: Option<&'a RawValue>,
    #[serde(default, borrow, rename = "clientInfo", deserialize_with = "present")]
    pub client_info: Option<&'a RawValue>,
}

impl<'a> Params<'a> {
    /// Reads the `params` of a message from their JSON text; absent ones and `null` are empty.
    ///
    /// # Errors
    /// `-32602` if they are no object or a known member stands in them twice.
    pub fn read(text: Option<&'a [u8]>) -> Result<Self, RpcError> {
        let Some(text) = text.filter(|text| text.trim_ascii() != b"null") else { return Ok(Self::default()) };
        if !text.trim_ascii_start().starts_with(b"{") {
            return Err(RpcError::invalid_params("`params` must be an object"));
        }
        serde_json::from_slice(text).map_err(|error| RpcError::invalid_params(format!("`params`: {}", shape(&error))))
    }

    /// The reserved part of `_meta`; empty if there is none.
    ///
    /// # Errors
    /// As [`Meta::read`].
    pub fn meta(&self) -> Result<Meta<'a>, RpcError> {
        self.meta.map_or_else(|| Ok(Meta::default()), |raw| Meta::read(raw.get()))
    }
}

/// Reads a required string member.
///
/// # Errors
/// `-32602` naming the member.
pub fn text<'a>(raw: Option<&'a RawValue>, member: &str) -> Result<Cow<'a, str>, RpcError> {
    let raw = raw.ok_or_else(|| RpcError::invalid_params(format!("`/{member}` is required: a string")))?;
    serde_json::from_str::<BorrowedText<'a>>(raw.get())
        .map(|text| text.0)
        .map_err(|_| RpcError::invalid_params(format!("`/{member}` must be a string")))
}

/// Reads a member that is an object of known members, if it is there. An array is none, though serde would take one for
/// the members in their order.
///
/// # Errors
/// `-32602` naming the member and what is wrong with its shape.
pub fn object<T: DeserializeOwned>(raw: Option<&RawValue>, member: &str) -> Result<Option<T>, RpcError> {
    if raw.is_some_and(|raw| !raw.get().starts_with('{')) {
        return Err(RpcError::invalid_params(format!("`/{member}` must be an object")));
    }
    typed(raw, member)
}

/// Reads a member of any type, if it is there.
///
/// # Errors
/// `-32602` naming the member and what is wrong with its shape.
pub fn typed<T: DeserializeOwned>(raw: Option<&RawValue>, member: &str) -> Result<Option<T>, RpcError> {
    raw.map(|raw| {
        serde_json::from_str(raw.get())
            .map_err(|error| RpcError::invalid_params(format!("`/{member}`: {}", shape(&error))))
    })
    .transpose()
}
