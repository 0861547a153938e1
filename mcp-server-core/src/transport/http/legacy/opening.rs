//! `initialize`: a session is opened (basic/lifecycle, Initialization).

use http::{HeaderValue, StatusCode};

use super::super::body::Body;
use super::super::endpoint::Endpoint;
use super::super::response::{self, Response};
use super::seek::{self, SESSION_ID};
use crate::dispatch::{Answer, Status, discovery};
use crate::principal::Principal;
use crate::protocol::jsonrpc::Request;
use crate::protocol::{Params, RpcError};
use crate::session::{Hello, OpenError};
use crate::telemetry::semconv::guard;
use crate::telemetry::{CallRecord, Ending};

/// Answers `initialize`. An old session that it names means nothing: the client wants a new one.
pub(in crate::transport::http) async fn open(
    endpoint: &Endpoint,
    request: &Request,
    params: &Params<'_>,
    principal: &Principal,
    mut record: CallRecord,
) -> Response {
    let hello = match Hello::read(params) {
        Ok(hello) => hello,
        Err(error) => return response::answer(Answer::refusal(&request.id, &error, record)),
    };
    let revision = hello.revision;
    record.asked(&request.method, revision);
    let sealed = endpoint.sessions().seal(endpoint.service().sealer(), &hello, principal);
    let lasting = sealed.is_none();
    let id = match sealed {
        Some(id) => id,
        None => match endpoint.sessions().open(hello, principal).await {
            Ok(session) => session.id(),
            Err(OpenError::Store(error)) => return seek::failed(request, record, &error),
            Err(ref full @ OpenError::Full { retry_after, .. }) => {
                endpoint.service().telemetry().refused(guard::SESSIONS);
                let error = RpcError::unavailable_for(full.to_string(), retry_after);
                let refusal = Answer::refusal_as(Status::Unavailable, Some(&request.id), &error, record);
                return response::retry_after(response::answer(refusal), retry_after);
            }
        },
    };
    let bytes = discovery::initialized(endpoint.service(), &request.id, revision, principal, lasting);
    record.ended(Ending::Complete);
    record.wrote(bytes.len());
    let mut response = response::json(StatusCode::OK, Body::Whole(Some(bytes), Some(record)));
    if let Ok(id) = HeaderValue::from_str(&id) {
        response.headers_mut().insert(SESSION_ID, id);
    }
    response
}
