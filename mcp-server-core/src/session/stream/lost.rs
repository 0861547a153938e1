//! What is said in the place of an answer that will not come.

use serde_json::json;

use crate::protocol::RpcError;
use crate::protocol::error::code;

/// The process that ran the call is gone.
pub(super) fn worker() -> RpcError {
    retryable("the process that ran this call is gone: what it had done is not known; ask again", "worker_lost")
}

/// The process that runs the call ends before it is done.
pub(crate) fn stopped() -> RpcError {
    retryable("the server stopped before this call was done: what it had done is not known; ask again", "worker_lost")
}

/// The answer was given to nobody and could not be kept.
pub(super) fn too_large() -> RpcError {
    let message = "the call is done, but its answer is too large to be kept for a client that was not connected";
    RpcError::new(code::UNAVAILABLE, message).with_data(json!({ "kind": "result_too_large", "retryable": false }))
}

fn retryable(message: &'static str, kind: &str) -> RpcError {
    RpcError::new(code::UNAVAILABLE, message).with_data(json!({ "kind": kind, "retryable": true }))
}
