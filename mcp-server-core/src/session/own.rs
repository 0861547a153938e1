//! The methods that only a session has: `logging/setLevel`, `resources/subscribe`, `resources/unsubscribe`.

use super::legacy::Session;
use crate::protocol::error::code;
use crate::protocol::params::{text, typed};
use crate::protocol::{LogLevel, Method, Params, RpcError};

/// What a method of the session's own did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Did {
    /// It changed what the store should know.
    Change,
    /// It changed the subscriptions, which open streams must learn of, and the store too.
    Subscriptions,
}

/// Does what a method of the session's own asks; `None` for any other method, which dispatch answers. The result of
/// each of them is empty.
///
/// # Errors
/// `-32602` for parameters that do not fit, `-32601` for subscriptions where there are no resources.
pub(crate) fn own(
    session: &Session,
    method: &Method,
    params: &Params<'_>,
    resources: bool,
    most: usize,
) -> Option<Result<Did, RpcError>> {
    match method {
        Method::SetLevel => Some(set_level(session, params)),
        Method::ResourcesSubscribe | Method::ResourcesUnsubscribe if !resources => {
            Some(Err(RpcError::method_not_found(method.as_str())))
        }
        Method::ResourcesSubscribe => Some(subscribe(session, params, most)),
        Method::ResourcesUnsubscribe => Some(text(params.uri, "uri").map(|uri| {
            session.unsubscribe(&uri);
            Did::Subscriptions
        })),
        _ => None,
    }
}

fn set_level(session: &Session, params: &Params<'_>) -> Result<Did, RpcError> {
    let level = typed::<LogLevel>(params.level, "level")?
        .ok_or_else(|| RpcError::invalid_params("`/level` is required: a string"))?;
    session.set_log_level(level);
    Ok(Did::Change)
}

fn subscribe(session: &Session, params: &Params<'_>, most: usize) -> Result<Did, RpcError> {
    let uri = text(params.uri, "uri")?;
    if session.subscribe(uri.into_owned(), most) {
        return Ok(Did::Subscriptions);
    }
    Err(RpcError::new(code::UNAVAILABLE, format!("the session subscribes to {most} resources already: end one first")))
}
