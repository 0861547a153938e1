//! POST: a message comes up; what it asks for goes down the stream.

use std::future::poll_fn;
use std::sync::Arc;

use bytes::Bytes;
use http::StatusCode;
use http::request::Parts;

use super::super::endpoint::Endpoint;
use super::super::legacy::cancelled;
use super::super::link::Link;
use super::super::response::{self, Response};
use crate::dispatch::{self, Answer, Asked, Event, Exchange, Handled, discovery};
use crate::principal::Principal;
use crate::protocol::jsonrpc::{self, Message, Request};
use crate::protocol::meta::Meta;
use crate::protocol::write::ResultWriter;
use crate::protocol::{Method, Params, RpcError, write};
use crate::session::{Hello, Hold, Session, era, session_change};
use crate::telemetry::{CallRecord, Ending, Wire};

/// How many messages a batch may have.
const BATCH: usize = 100;

/// Takes a message in (basic/transports, HTTP with SSE, of 2024-11-05).
pub(in crate::transport::http) async fn post(
    endpoint: &Endpoint,
    head: &Parts,
    body: &Bytes,
    principal: &Principal,
) -> Response {
    let query = head.uri.query().unwrap_or_default();
    let id = query.split('&').find_map(|pair| pair.strip_prefix("session=")).unwrap_or_default();
    let Some(link) = endpoint.links().find(id, principal) else {
        let error = RpcError::invalid_request("there is no such stream, or it has ended: open a new one");
        return response::refusal(StatusCode::NOT_FOUND, None, &error);
    };
    let has_batches = link.session.get().is_some_and(|session| session.revision().has_batches());
    let messages =
        if has_batches && jsonrpc::is_batch(body) { jsonrpc::split_batch(body, BATCH) } else { Ok(vec![body.clone()]) };
    let messages = match messages {
        Ok(messages) => messages,
        Err(error) => return response::refusal(StatusCode::BAD_REQUEST, None, &error),
    };
    let wire = Wire::Pair(head.version);
    for bytes in &messages {
        match jsonrpc::decode(bytes) {
            Ok(message) => self::message(endpoint, wire, &link, message, principal, bytes.len()).await,
            Err(malformed) => {
                return response::refusal(StatusCode::BAD_REQUEST, malformed.id.as_ref(), &malformed.error);
            }
        }
    }
    response::accepted()
}

async fn message(
    endpoint: &Endpoint,
    wire: Wire,
    link: &Arc<Link>,
    message: Message,
    principal: &Principal,
    bytes: usize,
) {
    match message {
        Message::Request(request) => {
            let mut record = CallRecord::start(endpoint.service().telemetry(), wire, bytes);
            record.received(&request.method);
            record.identified(&request.id);
            let large = &endpoint.service().large;
            let handle = || self::request(endpoint, link, &request, principal, record);
            match large.run(request.size(), handle).await {
                Ok(Handled::Answer(answer)) => link.send(answer.bytes).await,
                Ok(Handled::Exchange(exchange)) => run(endpoint, link, &request, exchange).await,
                Err(error) => link.send(write::error(Some(&request.id), &error)).await,
            }
        }
        Message::Notification(notification) => {
            let mut record = CallRecord::start(endpoint.service().telemetry(), wire, bytes);
            record.told(&notification, link.session.get().map(|session| session.revision()), None);
            if let (Some(session), Some(id)) = (link.session.get(), cancelled(&notification)) {
                session.cancel(&id);
            }
        }
        Message::Response(answered) => {
            if let Some(session) = link.session.get() {
                session.answer(answered);
            }
        }
    }
}

fn request(
    endpoint: &Endpoint,
    link: &Link,
    request: &Request,
    principal: &Principal,
    mut record: CallRecord,
) -> Result<Handled, RpcError> {
    let params = Params::read(request.params.as_deref())?;
    let meta = params.meta()?;
    record.traced(&meta, None);
    if meta.protocol_version.is_some() {
        return Err(RpcError::invalid_request("this transport has no modern revision: use the MCP endpoint"));
    }
    if request.method == Method::Initialize {
        return initialize(endpoint, link, request, &params, principal, record).map(Handled::Answer);
    }
    let session = match link.session.get() {
        Some(session) => session,
        None if request.method == Method::Ping => return Ok(Handled::Answer(empty(request, record))),
        None => return Err(era::stray()),
    };
    if let Some(changed) = owned(endpoint, link, session, request, &params) {
        return changed.map(|()| Handled::Answer(empty(request, record)));
    }
    Ok(handle(endpoint, session, request, &params, &meta, principal, record))
}

fn handle(
    endpoint: &Endpoint,
    session: &Arc<Session>,
    request: &Request,
    params: &Params<'_>,
    meta: &Meta<'_>,
    principal: &Principal,
    record: CallRecord,
) -> Handled {
    let service = Arc::clone(endpoint.service());
    let caller = session.caller(principal.clone());
    dispatch::handle(&Asked { service, request, params, meta, caller, headers: None }, record)
}

fn initialize(
    endpoint: &Endpoint,
    link: &Link,
    request: &Request,
    params: &Params<'_>,
    principal: &Principal,
    mut record: CallRecord,
) -> Result<Answer, RpcError> {
    let hello = Hello::read(params)?;
    let revision = hello.revision;
    record.asked(&request.method, revision);
    link.session
        .set(Session::local(principal.clone(), hello))
        .map_err(|_| RpcError::invalid_request("this stream was initialized already: open a new one"))?;
    let bytes = discovery::initialized(endpoint.service(), &request.id, revision, principal, true);
    Ok(Answer::result(bytes, Ending::Complete, record))
}

fn owned(
    endpoint: &Endpoint,
    link: &Link,
    session: &Session,
    request: &Request,
    params: &Params<'_>,
) -> Option<Result<(), RpcError>> {
    let most = endpoint.sessions().limits().uris_per_subscription;
    let service = endpoint.service();
    let may_read = |uri: &str| service.may_read(session.owner(), uri);
    let change = session_change(&request.method, params, service.has_resources(), &may_read)?;
    Some(change.and_then(|change| session.apply_local(&change, most)).inspect(|()| {
        link.listener.change_filter(|filter| filter.uris = session.subscriptions());
    }))
}

fn empty(request: &Request, record: CallRecord) -> Answer {
    Answer::result(ResultWriter::start(&request.id, 64).finish(), Ending::Complete, record)
}

/// Runs a call beside the POST that asked for it, which is answered at once.
async fn run(endpoint: &Endpoint, link: &Arc<Link>, request: &Request, exchange: Exchange) {
    let Some(session) = link.session.get() else { return };
    if let Ok(hold) = session.begin(&request.id) {
        drop(endpoint.spawn(drive(Arc::clone(link), hold, exchange)));
    } else {
        let error = RpcError::invalid_request("a request with this `id` runs on this stream already");
        link.send(write::error(Some(&request.id), &error)).await;
    }
}

async fn drive(link: Arc<Link>, hold: Hold, mut exchange: Exchange) {
    loop {
        let event = tokio::select! {
            biased;
            () = hold.cancelled() => {
                for message in exchange.cancel() {
                    link.send(message).await;
                }
                return;
            }
            event = poll_fn(|cx| exchange.poll_event(cx)) => event,
        };
        match event {
            Event::Message(message) => link.send(message).await,
            Event::Done(answer) => {
                let Answer { bytes, record, .. } = answer;
                link.send(bytes).await;
                drop(record);
                return;
            }
        }
    }
}
