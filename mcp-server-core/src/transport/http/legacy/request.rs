//! A request within a session: answered on the spot if that is possible, else by a driver that outlives the connection.

use std::future::poll_fn;
use std::sync::Arc;
use std::task::Poll;

use http::{HeaderMap, StatusCode};
use tokio::sync::oneshot;

use super::super::accept::accepts_events;
use super::super::body::Body;
use super::super::client::ClientConnection;
use super::super::endpoint::Endpoint;
use super::super::exchange::respond;
use super::super::form;
use super::super::response::{self, Response};
use super::driver::{Driver, First};
use super::seek;
use crate::dispatch::{self, Answer, Asked, Event, Exchange, Handled, Status};
use crate::principal::Principal;
use crate::protocol::error::code;
use crate::protocol::jsonrpc::Request;
use crate::protocol::meta::Meta;
use crate::protocol::write::ResultWriter;
use crate::protocol::{Method, Params, RequestId, RpcError};
use crate::session::stream::stopped;
use crate::session::{Duplicate, NoLink, Session, SessionError, session_change};
use crate::store::StoreError;
use crate::telemetry::{CallRecord, Ending};

/// Answers a request that names a session.
pub(in crate::transport::http) async fn request(
    endpoint: &ClientConnection,
    head: &HeaderMap,
    request: &Request,
    params: &Params<'_>,
    meta: &Meta<'_>,
    principal: Principal,
    mut record: CallRecord,
) -> Response {
    let session = match seek::session(endpoint, head, &principal, Some(&request.id)).await {
        Ok(session) => session,
        Err(refusal) => return *refusal,
    };
    endpoint.sessions().set_used(&session);
    if record.is_traced() {
        record.within(&session.label());
    }
    if session.is_running(&request.id) {
        return json(Answer::refusal(&request.id, &running_already(), record));
    }
    match owned(endpoint, &session, request, params).await {
        Ok(None) => {}
        Ok(Some(done)) => return json(done.answer(&request.id, record)),
        Err(Unchanged::Ended) => return response::refusal(StatusCode::NOT_FOUND, Some(&request.id), &seek::unknown()),
        Err(Unchanged::Store(error)) => return seek::failed(request, record, &error),
    }
    let service = Arc::clone(endpoint.service());
    let mut caller = endpoint.sessions().caller(&session, principal);
    let events = accepts_events(head);
    if !events && caller.link.is_some() {
        caller.link = Some(Arc::new(NoLink::NoEventStream));
    }
    let asked = Asked { service, request, params, meta, caller, headers: None };
    let large = &endpoint.service().large;
    match large.run(request.size(), || dispatch::handle(&asked, record)).await {
        Handled::Answer(answer) => json(answer),
        Handled::Exchange(exchange) => run(endpoint, &session, &request.id, exchange, events).await,
    }
}

/// What a method of the session's own came to.
pub(super) struct Owned(Result<(), RpcError>);

impl Owned {
    pub(super) fn answer(self, id: &RequestId, record: CallRecord) -> Answer {
        match self.0 {
            Ok(()) => Answer::result(ResultWriter::start(id, 64).finish(), Ending::Complete, record),
            Err(error) => Answer::refusal(id, &error, record),
        }
    }
}

/// Why a session is not known to be changed.
pub(super) enum Unchanged {
    /// It has ended.
    Ended,
    /// The store.
    Store(StoreError),
}

/// Does what a method of the session's own asks; what it changed is in the store before it is answered.
///
/// # Errors
/// [`Unchanged`]; after an error of the store the client is to ask again.
pub(super) async fn owned(
    endpoint: &Endpoint,
    session: &Arc<Session>,
    request: &Request,
    params: &Params<'_>,
) -> Result<Option<Owned>, Unchanged> {
    if endpoint.sessions().are_sealed() && needs_a_record(&request.method) {
        return Ok(Some(Owned(Err(nothing_kept(&request.method)))));
    }
    let service = endpoint.service();
    let may_read = |uri: &str| service.may_read(session.owner(), uri);
    let change = match session_change(&request.method, params, service.has_resources(), &may_read) {
        None => return Ok(None),
        Some(Ok(change)) => change,
        Some(Err(error)) => return Ok(Some(Owned(Err(error)))),
    };
    match endpoint.sessions().apply(session, &change).await {
        Ok(()) => Ok(Some(Owned(Ok(())))),
        Err(SessionError::Refused(error)) => Ok(Some(Owned(Err(error)))),
        Err(SessionError::Ended) => Err(Unchanged::Ended),
        Err(SessionError::Store(error)) => Err(Unchanged::Store(error)),
    }
}

/// Whether a method changes what is kept of a session.
fn needs_a_record(method: &Method) -> bool {
    matches!(method, Method::SetLevel | Method::ResourcesSubscribe | Method::ResourcesUnsubscribe)
}

fn nothing_kept(method: &Method) -> RpcError {
    let method = method.as_str();
    let why = "this server keeps no sessions (session.mode = \"sealed\"), so there is nothing to set";
    RpcError::new(code::METHOD_NOT_FOUND, format!("`{method}` is not served: {why}"))
}

/// Runs a call: once on the spot, for most are done then, and else by a driver of its own.
async fn run(
    endpoint: &ClientConnection,
    session: &Arc<Session>,
    id: &RequestId,
    mut exchange: Exchange,
    accepts_events: bool,
) -> Response {
    if endpoint.sessions().are_sealed() {
        // Nobody could come back for the answer: the call belongs to its connection.
        let mut response = respond(exchange, accepts_events, endpoint).await;
        if response.status() != StatusCode::FORBIDDEN {
            *response.status_mut() = StatusCode::OK;
        }
        return response;
    }
    let first = poll_fn(|cx| match exchange.poll_event(cx) {
        Poll::Ready(event) => Poll::Ready(Some(event)),
        Poll::Pending => Poll::Ready(None),
    })
    .await;
    let message = match first {
        Some(Event::Done(answer)) => return json(answer),
        Some(Event::Message(message)) => Some(message),
        None => None,
    };
    let hold = match session.begin(id) {
        Ok(hold) => hold,
        Err(Duplicate) => return response::refusal(StatusCode::OK, Some(id), &running_already()),
    };
    let (sender, receiver) = oneshot::channel();
    let driver = Driver {
        exchange,
        id: id.clone(),
        hold,
        sessions: Arc::clone(endpoint.sessions()),
        accepts_events,
        stream_after: endpoint.settings().stream_after,
    };
    endpoint.spawn(driver.run(message, sender));
    match receiver.await {
        Ok(First::Answer(answer)) => json(answer),
        Ok(First::Stream(reader)) => response::events(Body::Events(Box::new(form::of_call(endpoint, session, reader)))),
        Ok(First::Stopped) => response::unavailable(Some(id), &stopped()),
        // It was cancelled: there is no answer, and a stream may end without one.
        Err(_) if accepts_events => response::events(Body::empty()),
        Err(_) => response::refusal(StatusCode::OK, Some(id), &RpcError::invalid_request("the request was cancelled")),
    }
}

/// A JSON reply. A legacy client takes 404 for a lost session, so its errors come as 200; only who may not is told so
/// by the status as well (basic/transports, Session Management; basic/authorization, Error Handling).
pub(super) fn json(mut answer: Answer) -> Response {
    if !matches!(answer.status, Status::Forbidden(_)) {
        answer.status = Status::Ok;
    }
    response::answer(answer)
}

pub(super) fn running_already() -> RpcError {
    RpcError::invalid_request("a request with this `id` runs in this session already")
}
