//! Modern requests: each stands alone. The order of the checks is the specification's and the suite's.

use http::HeaderMap;

use super::accept::accepts_events;
use super::client::ClientConnection;
use super::exchange;
use super::headers;
use super::response::{self, Response};
use crate::dispatch::{self, Answer, Asked, Handled, Status};
use crate::principal::Principal;
use crate::protocol::jsonrpc::Request;
use crate::protocol::meta::Meta;
use crate::protocol::{Method, Params, RpcError};
use crate::session::modern::Declared;
use crate::telemetry::CallRecord;
use crate::tool::Caller;

/// Answers a modern request.
pub(super) async fn answer(
    client: &ClientConnection,
    head: &HeaderMap,
    request: &Request,
    params: &Params<'_>,
    meta: &Meta<'_>,
    principal: Principal,
    record: CallRecord,
) -> Response {
    let caller = match caller(head, request, params, meta, principal) {
        Ok(caller) => caller,
        Err((status, error)) => {
            return response::answer(Answer::refusal_as(status, Some(&request.id), &error, record));
        }
    };
    if request.method == Method::SubscriptionsListen && !accepts_events(head) {
        let error = RpcError::invalid_request(
            "`subscriptions/listen` is answered with `text/event-stream`, which the header `Accept` does not allow",
        );
        return response::answer(Answer::refusal_as(Status::NotAcceptable, Some(&request.id), &error, record));
    }
    let service = client.service();
    let asked = Asked { service: service.clone(), request, params, meta, caller, headers: Some(head) };
    let large = &client.service().large;
    match large.run(request.size(), || dispatch::handle(&asked, record)).await {
        Handled::Answer(answer) => response::answer(answer),
        Handled::Exchange(exchange) => exchange::respond(exchange, accepts_events(head), client).await,
    }
}

/// What the request says of itself, header and body in agreement.
fn caller(
    head: &HeaderMap,
    request: &Request,
    params: &Params<'_>,
    meta: &Meta<'_>,
    principal: Principal,
) -> Result<Caller, (Status, RpcError)> {
    let declared = || {
        let declared = Declared::read(meta)?;
        headers::check_version(head, &declared.version)?;
        let revision = declared.revision()?;
        headers::check_method(head, &request.method, params)?;
        Ok((declared, revision))
    };
    let (declared, revision) = declared().map_err(|error| (Status::BadRequest, error))?;
    // A client of both eras takes 400 for a server that has no modern one.
    declared.caller(revision, principal).map_err(|error| (Status::Ok, error))
}
