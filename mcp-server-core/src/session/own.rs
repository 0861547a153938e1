//! The methods that only a session has: `logging/setLevel`, `resources/subscribe`, `resources/unsubscribe`.

use super::change::SessionChange;
use crate::protocol::error::{clip, code};
use crate::protocol::params::{text, typed};
use crate::protocol::{LogLevel, Method, Params, RpcError};

/// Reads which change a method of the session's own asks for; `None` for any other method, which dispatch answers. Nothing
/// is changed here. The result of each of these methods is empty. `may_read` says whether the session's owner may read a
/// resource.
///
/// # Errors
/// `-32602` for parameters that do not fit, `-32601` for subscriptions where there are no resources.
pub(crate) fn session_change(
    method: &Method,
    params: &Params<'_>,
    resources: bool,
    may_read: &dyn Fn(&str) -> bool,
) -> Option<Result<SessionChange, RpcError>> {
    match method {
        Method::SetLevel => Some(set_level(params)),
        Method::ResourcesSubscribe | Method::ResourcesUnsubscribe if !resources => {
            Some(Err(RpcError::method_not_found(method.as_str())))
        }
        Method::ResourcesSubscribe => Some(subscribe(params, may_read)),
        Method::ResourcesUnsubscribe => {
            Some(text(params.uri, "uri").map(|uri| SessionChange::Unsubscribe(uri.into_owned().into())))
        }
        _ => None,
    }
}

fn set_level(params: &Params<'_>) -> Result<SessionChange, RpcError> {
    let level = typed::<LogLevel>(params.level, "level")?
        .ok_or_else(|| RpcError::invalid_params("`/level` is required: a string"))?;
    Ok(SessionChange::SetLogLevel(level))
}

fn subscribe(params: &Params<'_>, may_read: &dyn Fn(&str) -> bool) -> Result<SessionChange, RpcError> {
    let uri = text(params.uri, "uri")?;
    if !may_read(&uri) {
        // What a caller may not read it does not hear of either, nor whether it is there.
        let error = RpcError::new(code::LEGACY_RESOURCE_NOT_FOUND, format!("there is no resource `{}`", clip(&uri)));
        return Err(error.with_data(serde_json::json!({ "uri": uri })));
    }
    Ok(SessionChange::Subscribe(uri.into_owned().into()))
}
