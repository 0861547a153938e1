//! The conversation on a pipe: what each line asks, and what is to be written. Both eras may take turns on it.

use std::sync::Arc;
use std::task::{Context, Poll, Waker};

use bytes::Bytes;
use serde_json::json;

use super::calls::{Calls, Key};
use super::lines::Line;
use super::write_buffer::{Level, WriteBuffer};
use crate::dispatch::subscriptions::{Filter, Listener, notification};
use crate::dispatch::{self, Answer, Asked, Event, Exchange, Handled, Service, discovery};
use crate::principal::Principal;
use crate::protocol::jsonrpc::{self, Message, Notification, Request};
use crate::protocol::meta::{Meta, key};
use crate::protocol::weight::weigh;
use crate::protocol::write::{self, ResultWriter};
use crate::protocol::{Method, Params, RequestId, RpcError};
use crate::session::modern::{Declared, is_modern, missing};
use crate::session::{Hello, Session, session_change};
use crate::store::seal::random;
use crate::telemetry::semconv::guard;
use crate::telemetry::{CallRecord, Ending, Wire};
use crate::tool::Caller;

/// How many messages a batch may have.
const BATCH: usize = 100;

/// Everything that is being talked about on one pipe.
pub(super) struct Conversation {
    service: Arc<Service>,
    principal: Principal,
    /// What stands for the other end of the pipe, whichever era it speaks.
    session: u128,
    calls: Calls,
    /// What `initialize` opened, with the changes that its client is to hear of.
    legacy: Option<(Arc<Session>, Listener)>,
    /// What is to be written.
    pub(super) write_buffer: WriteBuffer,
}

impl Conversation {
    /// A connection whose client may leave so many bytes unread.
    pub(super) fn new(service: Arc<Service>, max_unread: usize) -> Self {
        let write_buffer = WriteBuffer::new(max_unread);
        if let Some(meters) = service.telemetry().meters() {
            meters.watch_capacity("stdio_output_bytes", &Arc::downgrade(write_buffer.level()), Level::capacity);
        }
        Self {
            service,
            principal: Principal::local(),
            session: u128::from_ne_bytes(random::bytes()),
            calls: Calls::default(),
            legacy: None,
            write_buffer,
        }
    }

    /// How many calls run.
    pub(super) fn running(&self) -> usize {
        self.calls.len()
    }

    /// Ends what would go on for ever, and fails questions that nobody will answer any more.
    pub(super) fn close(&mut self) {
        self.service.hub.close();
        if let Some((session, _)) = &self.legacy {
            session.close();
        }
    }

    /// Goes on with what runs; says whether there is something new to write.
    pub(super) fn poll(&mut self, cx: &mut Context<'_>) -> bool {
        if let Poll::Ready(output) = self.calls.poll_output(cx) {
            self.send(&output.bytes);
            if let Some(record) = output.record {
                self.write_buffer.keep(record);
            }
            return true;
        }
        let Some((_, listener)) = &self.legacy else { return false };
        match listener.poll_change(cx) {
            Poll::Ready(Some(change)) => {
                let (method, uri) = notification(&change);
                let params = uri.map_or_else(|| json!({}), |uri| json!({ "uri": uri }));
                self.send(&write::notification(method, &params));
                true
            }
            _ => false,
        }
    }

    /// Takes a line in. A large one is read beside the worker threads.
    pub(super) fn line(&mut self, line: Line) {
        match line {
            Line::TooLong => self.refuse(None, &RpcError::new(-32700, "the line is longer than is allowed")),
            Line::Whole(line) => dispatch::beside(line.len(), || self.whole_line(line)),
        }
    }

    /// Reserves the memory that a line needs, and answers it. What does not fit is refused: nothing waits, for a call
    /// that holds the memory may wait for one of the next lines.
    fn whole_line(&mut self, line: Bytes) {
        let service = Arc::clone(&self.service);
        let (telemetry, most) = (service.telemetry(), service.settings().json_values);
        let weight = weigh(&line);
        if weight.values > most {
            telemetry.refused(guard::JSON_VALUES);
            return self.refuse(None, &RpcError::too_many_values(most));
        }
        let reserved = service.request_bytes.reserve(None, line.len() + weight.memory);
        match telemetry.counted(guard::REQUEST_BYTES, reserved) {
            Ok(reservation) => self.messages(&reservation.hold(line)),
            Err(exhausted) => self.refuse(id_of(&line).as_ref(), &RpcError::unavailable(exhausted.to_string())),
        }
    }

    fn messages(&mut self, line: &Bytes) {
        if !jsonrpc::is_batch(line) || !self.has_batches() {
            return self.message(line);
        }
        match jsonrpc::split_batch(line, BATCH) {
            Ok(messages) => messages.iter().for_each(|message| self.message(message)),
            Err(error) => self.refuse(None, &error),
        }
    }

    fn has_batches(&self) -> bool {
        self.legacy.as_ref().is_some_and(|(session, _)| session.revision().has_batches())
    }

    fn message(&mut self, bytes: &Bytes) {
        let mut record = CallRecord::start(self.service.telemetry(), Wire::Stdio, bytes.len());
        match jsonrpc::decode(bytes) {
            Ok(Message::Request(request)) => {
                record.received(&request.method);
                self.request(&request, record);
            }
            Ok(Message::Notification(notification)) => {
                let revision = self.legacy.as_ref().map(|(session, _)| session.revision());
                record.told(&notification, revision, None);
                self.notification(&notification);
            }
            Ok(Message::Response(response)) => {
                if let Some((session, _)) = &self.legacy {
                    session.answer(response);
                }
            }
            Err(malformed) => self.decline(malformed.id.as_ref(), &malformed.error, record),
        }
    }

    fn request(&mut self, request: &Request, mut record: CallRecord) {
        record.identified(&request.id);
        let parsed = Params::read(request.params.as_deref()).and_then(|params| Ok((params.meta()?, params)));
        let (meta, params) = match parsed {
            Ok(parsed) => parsed,
            Err(error) => {
                record.traced(&Meta::default(), None);
                return self.decline(Some(&request.id), &error, record);
            }
        };
        record.traced(&meta, None);
        if !is_modern(&meta)
            && let Some(answer) = self.own(request, &params)
        {
            return match answer {
                Ok(bytes) => {
                    if let Some((session, _)) = &self.legacy {
                        record.asked(&request.method, session.revision());
                    }
                    record.ended(Ending::Complete);
                    self.send(&bytes);
                    self.write_buffer.keep(record);
                }
                Err(error) => self.decline(Some(&request.id), &error, record),
            };
        }
        let key = Key { modern: is_modern(&meta), id: request.id.clone() };
        if self.calls.has(&key) {
            let error = RpcError::invalid_request("a request with this id is running");
            return self.decline(Some(&request.id), &error, record);
        }
        let caller = match self.caller(&meta) {
            Ok(caller) => caller,
            Err(error) => return self.decline(Some(&request.id), &error, record),
        };
        let service = Arc::clone(&self.service);
        let asked = Asked { service, request, params: &params, meta: &meta, caller, headers: None };
        match dispatch::handle(&asked, record) {
            Handled::Answer(answer) => self.answer(answer),
            Handled::Exchange(exchange) => self.start(key, exchange),
        }
    }

    /// Who asks: a modern request says it itself, any other belongs to what `initialize` opened.
    fn caller(&self, meta: &Meta<'_>) -> Result<Caller, RpcError> {
        let caller = if is_modern(meta) {
            let declared = Declared::read(meta)?;
            declared.caller(declared.revision()?, self.principal.clone())?
        } else {
            let (session, _) = self.legacy.as_ref().ok_or_else(|| missing(key::PROTOCOL_VERSION))?;
            session.caller(self.principal.clone())
        };
        Ok(Caller { session: Some(self.session), ..caller })
    }

    /// Answers what is about the legacy conversation itself.
    fn own(&mut self, request: &Request, params: &Params<'_>) -> Option<Result<Bytes, RpcError>> {
        if request.method == Method::Initialize {
            return Some(self.initialize(request, params));
        }
        let empty = || Ok(ResultWriter::start(&request.id, 64).finish());
        if request.method == Method::Ping {
            return Some(empty());
        }
        let (session, listener) = self.legacy.as_ref()?;
        let resources = self.service.has_resources();
        let most = self.service.settings().uris_per_subscription;
        let may_read = |uri: &str| self.service.may_read(session.owner(), uri);
        let change = session_change(&request.method, params, resources, &may_read)?;
        Some(change.and_then(|change| session.apply_local(&change, most)).and_then(|()| {
            listener.change_filter(|filter| filter.uris = session.subscriptions());
            empty()
        }))
    }

    fn initialize(&mut self, request: &Request, params: &Params<'_>) -> Result<Bytes, RpcError> {
        let hello = Hello::read(params)?;
        let session = Session::local(self.principal.clone(), hello);
        let filter = Filter { tools: true, prompts: true, resources: true, uris: Vec::new() };
        let listener = self.service.hub.listen(filter);
        let revision = session.revision();
        let bytes = discovery::initialized(&self.service, &request.id, revision, &self.principal, true);
        if let Some((before, _)) = self.legacy.replace((session, listener)) {
            before.ended(self.service.telemetry(), None);
            before.close();
        }
        Ok(bytes)
    }

    /// Polls a call once on the spot: most are done then, and need no bookkeeping.
    fn start(&mut self, key: Key, mut exchange: Exchange) {
        let mut idle = Context::from_waker(Waker::noop());
        loop {
            match exchange.poll_event(&mut idle) {
                Poll::Ready(Event::Message(message)) => self.send(&message),
                Poll::Ready(Event::Done(answer)) => return self.answer(answer),
                Poll::Pending => return self.calls.add(key, exchange),
            }
        }
    }

    /// A cancellation is the only notification that asks for something; one that names nothing is passed over.
    fn notification(&mut self, notification: &Notification) {
        if notification.method != Method::Cancelled {
            return;
        }
        let Ok(params) = Params::read(notification.params.as_deref()) else { return };
        let id = params.request_id.and_then(|raw| RequestId::from_json(&Bytes::copy_from_slice(raw.get().as_bytes())));
        // Each era numbers its own requests. A notification that does not name its revision is of the session that
        // `initialize` opened, if there is one.
        let modern = self.legacy.is_none() || params.meta().is_ok_and(|meta| is_modern(&meta));
        if let Some(id) = id {
            self.calls.cancel(&Key { modern, id });
        }
    }

    fn answer(&mut self, answer: Answer) {
        self.send(&answer.bytes);
        self.write_buffer.keep(answer.record);
    }

    fn decline(&mut self, id: Option<&RequestId>, error: &RpcError, mut record: CallRecord) {
        record.refused(error);
        let bytes = write::error(id, error);
        record.wrote(bytes.len());
        self.send(&bytes);
        self.write_buffer.keep(record);
    }

    fn refuse(&mut self, id: Option<&RequestId>, error: &RpcError) {
        self.send(&write::error(id, error));
    }

    fn send(&mut self, message: &[u8]) {
        self.write_buffer.push(message);
    }
}

/// The id of a request that is refused unread.
fn id_of(line: &Bytes) -> Option<RequestId> {
    match jsonrpc::decode(line) {
        Ok(Message::Request(request)) => Some(request.id),
        _ => None,
    }
}
