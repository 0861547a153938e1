//! The methods that only a session has: `logging/setLevel`, `resources/subscribe`, `resources/unsubscribe`.

use super::did::Did;
use super::legacy::Session;
use crate::protocol::error::{clip, code};
use crate::protocol::params::{text, typed};
use crate::protocol::{LogLevel, Method, Params, RpcError};

/// Does what a method of the session's own asks; `None` for any other method, which dispatch answers. The result of
/// each of them is empty. `may_read` says whether the session's owner may read a resource.
///
/// # Errors
/// `-32602` for parameters that do not fit, `-32601` for subscriptions where there are no resources.
pub(crate) fn own(
    session: &Session,
    method: &Method,
    params: &Params<'_>,
    resources: bool,
    may_read: &dyn Fn(&str) -> bool,
    most: usize,
) -> Option<Result<Did, RpcError>> {
    match method {
        Method::SetLevel => Some(set_level(session, params)),
        Method::ResourcesSubscribe | Method::ResourcesUnsubscribe if !resources => {
            Some(Err(RpcError::method_not_found(method.as_str())))
        }
        Method::ResourcesSubscribe => Some(subscribe(session, params, may_read, most)),
        Method::ResourcesUnsubscribe => Some(text(params.uri, "uri").map(|uri| {
            session.unsubscribe(&uri);
            Did::Unsubscribed(uri.into_owned())
        })),
        _ => None,
    }
}

fn set_level(session: &Session, params: &Params<'_>) -> Result<Did, RpcError> {
    let level = typed::<LogLevel>(params.level, "level")?
        .ok_or_else(|| RpcError::invalid_params("`/level` is required: a string"))?;
    session.set_log_level(level);
    Ok(Did::Level(level))
}

fn subscribe(
    session: &Session,
    params: &Params<'_>,
    may_read: &dyn Fn(&str) -> bool,
    most: usize,
) -> Result<Did, RpcError> {
    let uri = text(params.uri, "uri")?;
    if !may_read(&uri) {
        // What a caller may not read it does not hear of either, nor whether it is there.
        let error = RpcError::new(code::LEGACY_RESOURCE_NOT_FOUND, format!("there is no resource `{}`", clip(&uri)));
        return Err(error.with_data(serde_json::json!({ "uri": uri })));
    }
    let uri = uri.into_owned();
    if session.subscribe(uri.clone(), most) {
        return Ok(Did::Subscribed(uri));
    }
    Err(RpcError::new(code::UNAVAILABLE, format!("the session subscribes to {most} resources already: end one first")))
}
