//! The era of a request: decided by what it says of itself, before its method is looked at (basic/versioning).

use serde_json::json;

use super::modern::unsupported;
use crate::protocol::meta::Meta;
use crate::protocol::{Method, Revision, RpcError};

/// What a request shows of its era.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Signs<'a> {
    /// The method.
    pub(crate) method: &'a Method,
    /// The reserved part of its `_meta`.
    pub(crate) meta: &'a Meta<'a>,
    /// The `MCP-Protocol-Version` header, where the transport has headers and this one is there.
    pub(crate) header: Option<&'a [u8]>,
    /// Whether it names a session, or comes through a pipe that `initialize` has opened.
    pub(crate) session: bool,
}

/// How a request is to be served.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Era {
    /// On its own, by its `_meta`; what is missing in that is the next thing to be found.
    Modern,
    /// As the request that opens a session.
    Opening,
    /// Within its session, by the session's revision.
    Session,
    /// It shows nothing: no session and no revision.
    Stray,
}

/// Decides how a request is served.
///
/// `_meta` naming a revision makes it modern, whichever revision it names and whatever its method is. `initialize`
/// without one opens a session; the version header means nothing beside it. A header that names a modern revision
/// without `_meta` is a broken modern request, session or not.
///
/// # Errors
/// For a header that names no served revision: `-32022`, or `-32600` within a session; HTTP answers 400 to both.
pub(crate) fn classify(signs: Signs<'_>) -> Result<Era, RpcError> {
    if signs.meta.protocol_version.is_some() {
        return Ok(Era::Modern);
    }
    if matches!(signs.method, Method::Initialize) {
        return Ok(Era::Opening);
    }
    if let Some(header) = signs.header {
        match revision(header) {
            Some(revision) if revision.is_modern() => return Ok(Era::Modern),
            Some(_) => {}
            None if signs.session => return Err(unserved()),
            None => return Err(unsupported(&String::from_utf8_lossy(header))),
        }
    }
    Ok(if signs.session { Era::Session } else { Era::Stray })
}

/// Checks the version header of what belongs to a session and is no request: GET, DELETE, notifications, answers.
///
/// # Errors
/// `-32600` if it names no served revision.
pub(crate) fn check_header(header: Option<&[u8]>) -> Result<(), RpcError> {
    match header.map(revision) {
        Some(None) => Err(unserved()),
        _ => Ok(()),
    }
}

/// The error for a request that shows neither a session nor a revision: it tells a client of either era what to do.
pub(crate) fn stray() -> RpcError {
    RpcError::invalid_params(format!(
        "name the protocol revision in `/_meta/io.modelcontextprotocol/protocolVersion` ({}), or send `initialize` first \
         and then its session with each request",
        Revision::MODERN.map(Revision::as_str).join(", ")
    ))
    .with_data(json!({ "supported": Revision::ALL.map(Revision::as_str) }))
}

fn revision(header: &[u8]) -> Option<Revision> {
    std::str::from_utf8(header).ok().and_then(Revision::parse)
}

fn unserved() -> RpcError {
    RpcError::invalid_request("the header `MCP-Protocol-Version` names a revision that is not served")
        .with_data(json!({ "supported": Revision::ALL.map(Revision::as_str) }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::error::code;

    fn classified(meta: &str, method: &Method, header: Option<&str>, session: bool) -> Result<Era, i64> {
        let meta = Meta::read(meta).unwrap();
        classify(Signs { method, meta: &meta, header: header.map(str::as_bytes), session }).map_err(|e| e.code)
    }

    const MODERN: &str = r#"{"io.modelcontextprotocol/protocolVersion":"2026-07-28"}"#;

    #[test]
    fn b03_meta_decides_before_the_method() {
        for method in [Method::Initialize, Method::Ping, Method::SetLevel, Method::ResourcesSubscribe] {
            assert_eq!(classified(MODERN, &method, Some("2026-07-28"), true), Ok(Era::Modern));
        }
    }

    #[test]
    fn b05_meta_naming_a_legacy_revision_is_no_way_into_it() {
        let legacy = r#"{"io.modelcontextprotocol/protocolVersion":"2025-11-25"}"#;
        assert_eq!(classified(legacy, &Method::ToolsList, Some("2025-11-25"), true), Ok(Era::Modern));
    }

    #[test]
    fn b04_a_modern_header_without_meta_is_a_broken_modern_request() {
        assert_eq!(classified("{}", &Method::ToolsList, Some("2026-07-28"), false), Ok(Era::Modern));
        assert_eq!(classified("{}", &Method::ToolsList, Some("2026-07-28"), true), Ok(Era::Modern), "E22");
    }

    #[test]
    fn e19_the_header_means_nothing_on_initialize() {
        for header in [None, Some("2026-07-28"), Some("1999-01-01"), Some("2025-06-18")] {
            assert_eq!(classified("{}", &Method::Initialize, header, false), Ok(Era::Opening));
        }
    }

    #[test]
    fn e20_the_session_wins_and_its_absence_shows() {
        for header in [None, Some("2025-03-26"), Some("2025-11-25")] {
            assert_eq!(classified("{}", &Method::ToolsList, header, true), Ok(Era::Session));
            assert_eq!(classified("{}", &Method::ToolsList, header, false), Ok(Era::Stray));
        }
    }

    #[test]
    fn l14_other_members_of_meta_make_nothing_modern() {
        assert_eq!(
            classified(r#"{"progressToken":1,"traceparent":"00"}"#, &Method::ToolsCall, None, true),
            Ok(Era::Session)
        );
    }

    #[test]
    fn e21_an_unknown_header_is_refused() {
        assert_eq!(classified("{}", &Method::ToolsList, Some("v999"), true), Err(code::INVALID_REQUEST));
        assert_eq!(classified("{}", &Method::ToolsList, Some("v999"), false), Err(code::UNSUPPORTED_VERSION));
        assert!(
            check_header(Some(b"\xff")).is_err()
                && check_header(None).is_ok()
                && check_header(Some(b"2025-06-18")).is_ok()
        );
    }
}
