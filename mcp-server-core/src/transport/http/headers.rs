//! Headers that repeat what the body says (basic/transports, Streamable HTTP, of 2026-07-28).

use http::{HeaderMap, HeaderName};

use crate::guard::mirror;
use crate::protocol::error::code;
use crate::protocol::params::text;
use crate::protocol::{Method, Params, Revision, RpcError};

pub(super) const PROTOCOL_VERSION: HeaderName = HeaderName::from_static("mcp-protocol-version");
const METHOD: HeaderName = HeaderName::from_static("mcp-method");
const NAME: HeaderName = HeaderName::from_static("mcp-name");

/// The one value of a header; two lines that differ are as bad as none.
pub(super) fn single<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Result<Option<&'a [u8]>, RpcError> {
    let mut lines = headers.get_all(name).iter().map(|line| line.as_bytes().trim_ascii());
    let Some(first) = lines.next() else { return Ok(None) };
    if lines.any(|other| other != first) {
        return Err(mismatch(name, "stands twice with different values"));
    }
    Ok(Some(first))
}

/// Whether the version header names a modern revision.
pub(super) fn names_modern(headers: &HeaderMap) -> bool {
    let version =
        single(headers, &PROTOCOL_VERSION).ok().flatten().and_then(|version| std::str::from_utf8(version).ok());
    version.and_then(Revision::parse).is_some_and(Revision::is_modern)
}

fn mismatch(name: &HeaderName, what: &str) -> RpcError {
    RpcError::new(code::HEADER_MISMATCH, format!("the header `{name}` {what}"))
}

/// Compares the version header with the body's.
///
/// # Errors
/// `-32020`.
pub(super) fn check_version(headers: &HeaderMap, version: &str) -> Result<(), RpcError> {
    match single(headers, &PROTOCOL_VERSION)? {
        Some(header) if header == version.as_bytes() => Ok(()),
        Some(_) => Err(mismatch(&PROTOCOL_VERSION, "differs from the version in `_meta`")),
        None => Err(mismatch(&PROTOCOL_VERSION, "is missing")),
    }
}

/// Compares the method's header, and the header of the name where the method has one.
///
/// # Errors
/// `-32020`.
pub(super) fn check_method(headers: &HeaderMap, method: &Method, params: &Params<'_>) -> Result<(), RpcError> {
    match single(headers, &METHOD)? {
        Some(header) if header == method.as_str().as_bytes() => {}
        Some(_) => return Err(mismatch(&METHOD, "differs from the method")),
        None => return Err(mismatch(&METHOD, "is missing")),
    }
    let Some(member) = method.named_by() else { return Ok(()) };
    let named = match member {
        "uri" => params.uri,
        "taskId" => params.task_id,
        _ => params.name,
    };
    // What the body lacks is the handler's to say, by its own name.
    let Ok(named) = text(named, member) else { return Ok(()) };
    let header = single(headers, &NAME)?.ok_or_else(|| mismatch(&NAME, "is missing"))?;
    match mirror::decode(header) {
        Some(header) if header == named => Ok(()),
        Some(_) => Err(mismatch(&NAME, &format!("differs from `/{member}`"))),
        None => Err(mismatch(&NAME, "cannot be decoded")),
    }
}
