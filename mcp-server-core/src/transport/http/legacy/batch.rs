//! Batches: of one revision alone (basic, Batching, of 2025-03-26).

use std::future::{Future, poll_fn, ready};
use std::pin::Pin;
use std::sync::Arc;

use bytes::Bytes;
use futures_util::future::join_all;
use http::{HeaderMap, StatusCode};

use super::super::body::Body;
use super::super::endpoint::Endpoint;
use super::super::response::{self, Response};
use super::messages::note;
use super::request::{Unchanged, owned, running_already};
use super::seek;
use crate::dispatch::{self, Answer, Asked, Event, Exchange, Handled};
use crate::principal::Principal;
use crate::protocol::jsonrpc::{self, Message, Request};
use crate::protocol::{Method, Params, RpcError, write};
use crate::session::{Hold, NoLink, Session};
use crate::telemetry::{CallRecord, Wire};

/// How many messages a batch may have.
const MOST: usize = 100;

/// One request of a batch, up to its answer.
type Part = Pin<Box<dyn Future<Output = Bytes> + Send>>;

fn answered(bytes: Bytes) -> Part {
    Box::pin(ready(bytes))
}

/// Answers a batch: with an array of answers, in the order of the requests, once all are there.
///
/// A call in a batch has no stream: its progress is not told, and it cannot ask its client anything.
pub(in crate::transport::http) async fn batch(
    endpoint: &Endpoint,
    wire: Wire,
    head: &HeaderMap,
    body: &Bytes,
    principal: &Principal,
) -> Response {
    let refuse = |error: &RpcError| response::refusal(StatusCode::BAD_REQUEST, None, error);
    if !seek::names_session(head) {
        return refuse(&unserved());
    }
    let session = match seek::session(endpoint, head, principal, None).await {
        Ok(session) => session,
        Err(refusal) => return *refusal,
    };
    if !session.revision().has_batches() {
        return refuse(&unserved());
    }
    endpoint.sessions().set_used(&session);
    let large = &endpoint.service().large;
    let messages = match large.run(body.len(), || jsonrpc::split_batch(body, MOST)).await {
        Ok(messages) => messages,
        Err(error) => return refuse(&error),
    };
    let mut parts = Vec::new();
    for message in &messages {
        parts.extend(part(endpoint, wire, &session, message, principal).await);
    }
    if parts.is_empty() {
        return response::accepted();
    }
    // In a task of its own: a client that goes away cancels nothing.
    match endpoint.spawn(all(parts)).await {
        // Every request of it was cancelled: there is nothing to answer (JSON-RPC 2.0, Batch).
        Ok(None) => response::accepted(),
        Ok(Some(answers)) => response::json(StatusCode::OK, Body::whole(answers)),
        Err(_) => response::unavailable(None, &RpcError::unavailable("the server stops")),
    }
}

fn unserved() -> RpcError {
    RpcError::invalid_request("batches are served in sessions of 2025-03-26 alone: send one message at a time")
}

/// Starts what one message of the batch asks; nothing for a message that wants no answer.
async fn part(
    endpoint: &Endpoint,
    wire: Wire,
    session: &Arc<Session>,
    message: &Bytes,
    principal: &Principal,
) -> Option<Part> {
    match endpoint.service().large.run(message.len(), || jsonrpc::decode(message)).await {
        Ok(Message::Request(request)) => {
            let mut record = CallRecord::start(endpoint.service().telemetry(), wire, message.len());
            record.received(&request.method);
            record.identified(&request.id);
            if record.is_traced() {
                record.within(&session.label());
            }
            Some(start(endpoint, session, &request, principal, record).await)
        }
        Ok(Message::Notification(notification)) => {
            let mut record = CallRecord::start(endpoint.service().telemetry(), wire, message.len());
            record.told(&notification, Some(session.revision()), None);
            note(endpoint, session, &notification).await;
            None
        }
        Ok(Message::Response(answered)) => {
            // A batch has no answer for one of its answers; a client that is not heard is asked no longer after a while.
            if let Err(error) = endpoint.sessions().answer(session, answered).await {
                tracing::error!(%error, "a client's answer could not be kept");
            }
            None
        }
        Err(malformed) => Some(answered(write::error(malformed.id.as_ref(), &malformed.error))),
    }
}

async fn start(
    endpoint: &Endpoint,
    session: &Arc<Session>,
    request: &Request,
    principal: &Principal,
    mut record: CallRecord,
) -> Part {
    let refuse = |error: &RpcError, record| answered(Answer::refusal(&request.id, error, record).bytes);
    let parsed = Params::read(request.params.as_deref()).and_then(|params| Ok((params.meta()?, params)));
    let (meta, params) = match parsed {
        Ok(parsed) => parsed,
        Err(error) => return refuse(&error, record),
    };
    record.traced(&meta, None);
    if request.method == Method::Initialize || meta.protocol_version.is_some() {
        return refuse(&RpcError::invalid_request("this request must not be part of a batch"), record);
    }
    match owned(endpoint, session, request, &params).await {
        Ok(None) => {}
        Ok(Some(done)) => return answered(done.answer(&request.id, record).bytes),
        Err(Unchanged::Ended) => return refuse(&seek::unknown(), record),
        Err(Unchanged::Store(error)) => return refuse(&dispatch::away(&error), record),
    }
    let mut caller = session.caller(principal.clone());
    if caller.link.is_some() {
        caller.link = Some(Arc::new(NoLink::Batch));
    }
    let Ok(hold) = session.begin(&request.id) else { return refuse(&running_already(), record) };
    let service = Arc::clone(endpoint.service());
    let asked = Asked { service, request, params: &params, meta: &meta, caller, headers: None };
    let large = &endpoint.service().large;
    match large.run(request.size(), || dispatch::handle(&asked, record)).await {
        Handled::Answer(answer) => answered(answer.bytes),
        Handled::Exchange(exchange) => Box::pin(run(exchange, hold)),
    }
}

/// The answer of a call that runs; none if it is cancelled.
async fn run(mut exchange: Exchange, hold: Hold) -> Bytes {
    let answer = async {
        loop {
            if let Event::Done(answer) = poll_fn(|cx| exchange.poll_event(cx)).await {
                return answer.bytes;
            }
        }
    };
    tokio::select! {
        biased;
        () = hold.cancelled() => Bytes::new(),
        answer = answer => answer,
    }
}

/// Runs all parts at the same time, and writes their answers; `None` if there are none.
async fn all(parts: Vec<Part>) -> Option<Bytes> {
    let answers = join_all(parts).await;
    let answers: Vec<&Bytes> = answers.iter().filter(|answer| !answer.is_empty()).collect();
    if answers.is_empty() {
        return None;
    }
    let mut written = vec![b'['];
    for (index, answer) in answers.into_iter().enumerate() {
        if index > 0 {
            written.push(b',');
        }
        written.extend_from_slice(answer);
    }
    written.push(b']');
    Some(Bytes::from(written))
}
