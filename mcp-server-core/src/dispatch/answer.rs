//! Answers: a finished message, and what a transport has to know of it.

use bytes::Bytes;

use crate::protocol::error::code;
use crate::protocol::{RequestId, RpcError, write};
use crate::store::StoreError;
use crate::telemetry::{CallRecord, Ending};

/// The one answer to a request.
#[derive(Debug)]
pub(crate) struct Answer {
    /// The whole message, without a line end.
    pub(crate) bytes: Bytes,
    /// What HTTP says beside it.
    pub(crate) status: Status,
    /// What is known of the call; it is emitted when the answer has left and this is dropped.
    pub(crate) record: CallRecord,
}

/// What HTTP says beside an answer. A legacy client sees `Ok` for all but what the transport itself refuses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Status {
    /// 200.
    Ok,
    /// 400: a fault of the request that the specification wants to be seen by intermediaries.
    BadRequest,
    /// 404: the method is not served.
    NotFound,
    /// 406: the answer is an event stream, which the client does not read.
    NotAcceptable,
    /// 403, with a challenge naming the scopes that would do.
    Forbidden(&'static [&'static str]),
    /// 503.
    Unavailable,
}

/// A protocol error with its status.
#[derive(Debug)]
pub(crate) struct Refusal {
    pub(crate) status: Status,
    pub(crate) error: RpcError,
}

/// The refusal of what needs the store, when that fails. What it says is for the log.
pub(crate) fn away(error: &StoreError) -> RpcError {
    tracing::warn!(%error, "the store fails a request");
    RpcError::unavailable("the server cannot reach its store: wait, then ask again")
}

impl From<RpcError> for Refusal {
    fn from(error: RpcError) -> Self {
        Self { status: Status::of(&error), error }
    }
}

impl Refusal {
    /// The caller lacks scopes (RFC 6750 section 3.1).
    pub(crate) fn out_of_scope(scopes: &'static [&'static str]) -> Self {
        let error = RpcError::new(code::FORBIDDEN, format!("this needs the scopes: {}", scopes.join(" ")))
            .with_data(serde_json::json!({ "requiredScopes": scopes }));
        Self { status: Status::Forbidden(scopes), error }
    }
}

impl Status {
    /// The status that follows from the code of an error.
    fn of(error: &RpcError) -> Self {
        match error.code {
            code::METHOD_NOT_FOUND => Self::NotFound,
            code::HEADER_MISMATCH | code::MISSING_CAPABILITY | code::UNSUPPORTED_VERSION => Self::BadRequest,
            code::UNAVAILABLE => Self::Unavailable,
            _ => Self::Ok,
        }
    }
}

impl Answer {
    /// An answer with a result.
    pub(crate) fn result(bytes: Bytes, ending: Ending, mut record: CallRecord) -> Self {
        record.ended(ending);
        record.wrote(bytes.len());
        Self { bytes, status: Status::Ok, record }
    }

    /// An answer with a protocol error; its status follows from its code.
    pub(crate) fn refusal(id: &RequestId, error: &RpcError, record: CallRecord) -> Self {
        Self::refusal_as(Status::of(error), Some(id), error, record)
    }

    /// An answer with a protocol error and a status of one's own, to a message whose id may be unreadable.
    pub(crate) fn refusal_as(status: Status, id: Option<&RequestId>, error: &RpcError, mut record: CallRecord) -> Self {
        let bytes = write::error(id, error);
        record.refused(error);
        record.wrote(bytes.len());
        Self { bytes, status, record }
    }
}
