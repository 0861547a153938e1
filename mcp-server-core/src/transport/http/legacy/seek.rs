//! Finding the session that a request names.

use std::sync::Arc;

use http::{HeaderMap, HeaderName, StatusCode};

use super::super::endpoint::Endpoint;
use super::super::headers::{self, PROTOCOL_VERSION};
use super::super::response::{self, Response};
use crate::dispatch::{Answer, Status, away};
use crate::principal::Principal;
use crate::protocol::jsonrpc::Request;
use crate::protocol::{RequestId, RpcError};
use crate::session::{Session, era};
use crate::store::StoreError;
use crate::telemetry::CallRecord;

/// The header that names the session.
pub(in crate::transport::http) const SESSION_ID: HeaderName = HeaderName::from_static("mcp-session-id");

/// Whether a request names a session.
pub(in crate::transport::http) fn names_session(head: &HeaderMap) -> bool {
    head.contains_key(SESSION_ID)
}

/// The session that a request names, if it is its principal's; the revision in the header is checked too.
///
/// # Errors
/// The refusal: 400 without a session or with a revision that is not served, 404 for a session that is unknown, ended,
/// or somebody else's, 503 if the store does not answer.
pub(super) async fn session(
    endpoint: &Endpoint,
    head: &HeaderMap,
    principal: &Principal,
    id: Option<&RequestId>,
) -> Result<Arc<Session>, Box<Response>> {
    let bad = |error: &RpcError| Box::new(response::refusal(StatusCode::BAD_REQUEST, id, error));
    let named = headers::single(head, &SESSION_ID).map_err(|error| bad(&error))?.ok_or_else(|| bad(&era::stray()))?;
    let version = headers::single(head, &PROTOCOL_VERSION).map_err(|error| bad(&error))?;
    era::check_header(version).map_err(|error| bad(&error))?;
    let named = std::str::from_utf8(named).unwrap_or_default();
    if let Some(session) = endpoint.sessions().cached(named, principal) {
        return Ok(session);
    }
    if endpoint.sessions().are_sealed() {
        let opened = endpoint.sessions().unseal(endpoint.service().sealer(), named, principal);
        return opened.ok_or_else(|| Box::new(response::refusal(StatusCode::NOT_FOUND, id, &unknown())));
    }
    match endpoint.sessions().find(named, principal).await {
        Ok(Some(session)) => Ok(session),
        Ok(None) => Err(Box::new(response::refusal(StatusCode::NOT_FOUND, id, &unknown()))),
        Err(error) => Err(Box::new(unavailable(id, &error))),
    }
}

/// The status tells the client to open a new session (basic/transports, Session Management).
pub(super) fn unknown() -> RpcError {
    RpcError::invalid_request("the session is not known here, or it has ended: send `initialize` again")
}

/// The refusal when the store fails: 503, for a session that cannot be looked up is not a lost one.
pub(super) fn unavailable(id: Option<&RequestId>, error: &StoreError) -> Response {
    response::unavailable(id, &away(error))
}

/// The same for a request whose record is open.
pub(super) fn failed(request: &Request, record: CallRecord, error: &StoreError) -> Response {
    response::answer(Answer::refusal_as(Status::Unavailable, Some(&request.id), &away(error), record))
}
