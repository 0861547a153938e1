//! The pump: reads lines, runs calls, writes answers; one task, no thread, no lock.

use std::future::{Future as _, poll_fn};
use std::io;
use std::pin::pin;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use bytes::Bytes;
use tokio_util::sync::CancellationToken;

use super::calls::{Calls, Key};
use super::lines::{Line, Lines};
use super::pipe::{Input, Output};
use super::streams;
use crate::dispatch::{Answer, Asked, Event, Exchange, Handled, Service};
use crate::principal::Principal;
use crate::protocol::jsonrpc::{self, Message, Request};
use crate::protocol::meta::key;
use crate::protocol::{Method, Params, RequestId, RpcError, write};
use crate::session::modern::{Declared, is_modern, missing};
use crate::telemetry::CallRecord;

/// With so many bytes unread by the client, no more of its requests are read.
const HIGH_WATER: usize = 1 << 20;

/// The limits of the transport.
#[derive(Clone, Debug)]
pub(crate) struct StdioSettings {
    /// How many bytes a line may have.
    pub(crate) max_line: usize,
    /// How long calls may go on when the input is over or the process is to stop.
    pub(crate) grace: Duration,
}

/// Serves the process's own standard input and output until the input is over or `stop` is cancelled.
///
/// # Errors
/// What the system says when a stream cannot be used or breaks.
pub(crate) async fn serve(service: Arc<Service>, settings: StdioSettings, stop: CancellationToken) -> io::Result<()> {
    let streams = streams::take()?;
    let mut pump = Pump {
        input: Input::new(streams.input)?,
        output: Output::new(streams.output)?,
        lines: Lines::new(settings.max_line),
        calls: Calls::default(),
        leaving: Vec::new(),
        written: 0,
        records: Vec::new(),
        over: false,
        service,
        principal: Principal::local(),
    };
    let mut stopping = pin!(stop.cancelled());
    poll_fn(|cx| {
        if stopping.as_mut().poll(cx).is_ready() {
            return Poll::Ready(Ok(()));
        }
        match pump.poll(cx) {
            Poll::Pending if pump.over => Poll::Ready(Ok(())),
            polled => polled,
        }
    })
    .await?;
    // The input is over, or the process is to stop: what runs may finish, for a while.
    pump.over = true;
    pump.service.hub.close();
    if let Ok(drained) = tokio::time::timeout(settings.grace, poll_fn(|cx| pump.poll(cx))).await {
        return drained;
    }
    tracing::warn!(calls = pump.calls.len(), "the grace of the shutdown is over: calls are given up");
    Ok(())
}

struct Pump {
    input: Input,
    output: Output,
    lines: Lines,
    calls: Calls,
    leaving: Vec<u8>,
    written: usize,
    /// Records of answers that have not left yet.
    records: Vec<CallRecord>,
    over: bool,
    service: Arc<Service>,
    principal: Principal,
}

impl Pump {
    /// Runs until the input is over and everything has left.
    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        loop {
            let mut moved = self.poll_input(cx)?;
            while self.leaving.len() < HIGH_WATER
                && let Poll::Ready(output) = self.calls.poll_output(cx)
            {
                self.send(&output.bytes);
                self.records.extend(output.record);
                moved = true;
            }
            moved |= self.poll_output(cx)?;
            if self.over && self.calls.len() == 0 && self.leaving.is_empty() {
                return Poll::Ready(Ok(()));
            }
            if !moved {
                return Poll::Pending;
            }
        }
    }

    /// Reads and answers what has arrived, unless the client reads too slowly.
    fn poll_input(&mut self, cx: &mut Context<'_>) -> io::Result<bool> {
        if self.over || self.leaving.len() - self.written >= HIGH_WATER {
            return Ok(false);
        }
        let Poll::Ready(read) = self.input.poll_read(cx, self.lines.buffer()) else { return Ok(false) };
        if read? == 0 {
            self.over = true;
        }
        while let Some(line) = self.lines.next() {
            self.line(line);
        }
        if self.over
            && let Some(line) = self.lines.last()
        {
            self.line(line);
        }
        Ok(true)
    }

    /// Writes what there is, in one piece if the client takes it.
    fn poll_output(&mut self, cx: &mut Context<'_>) -> io::Result<bool> {
        let rest = self.leaving.get(self.written..).unwrap_or_default();
        if rest.is_empty() {
            return Ok(false);
        }
        let Poll::Ready(written) = self.output.poll_write(cx, rest) else { return Ok(false) };
        self.written += written?;
        if self.written == self.leaving.len() {
            self.leaving.clear();
            self.leaving.shrink_to(HIGH_WATER);
            self.written = 0;
            self.records.clear();
        }
        Ok(true)
    }

    fn send(&mut self, message: &[u8]) {
        self.leaving.extend_from_slice(message);
        self.leaving.push(b'\n');
    }

    fn answer(&mut self, answer: Answer) {
        self.send(&answer.bytes);
        self.records.push(answer.record);
    }

    fn refuse(&mut self, id: Option<&RequestId>, error: &RpcError) {
        self.send(&write::error(id, error));
    }

    fn line(&mut self, line: Line) {
        let Line::Whole(line) = line else {
            self.refuse(None, &RpcError::new(-32700, "the line is longer than is allowed"));
            return;
        };
        let record = CallRecord::start("stdio", line.len());
        match jsonrpc::decode(&line) {
            Ok(Message::Request(request)) => self.request(&request, record),
            Ok(Message::Notification(notification)) => self.notification(&notification),
            Ok(Message::Response(_)) => {}
            Err(malformed) => self.refuse(malformed.id.as_ref(), &malformed.error),
        }
    }

    fn request(&mut self, request: &Request, record: CallRecord) {
        let parsed = Params::read(request.params.as_deref()).and_then(|params| Ok((params.meta()?, params)));
        let (meta, params) = match parsed {
            Ok(parsed) => parsed,
            Err(error) => return self.refuse(Some(&request.id), &error),
        };
        if !is_modern(&meta) {
            return self.refuse(Some(&request.id), &missing(key::PROTOCOL_VERSION));
        }
        let caller = Declared::read(&meta)
            .and_then(|declared| Ok(declared.caller(declared.revision()?, self.principal.clone())));
        let caller = match caller {
            Ok(caller) => caller,
            Err(error) => return self.refuse(Some(&request.id), &error),
        };
        let key = Key { modern: true, id: request.id.clone() };
        if self.calls.has(&key) {
            return self.refuse(Some(&request.id), &RpcError::invalid_request("a request with this id is running"));
        }
        let asked = Asked { service: Arc::clone(&self.service), request, params: &params, meta: &meta, caller, headers: None };
        match Service::handle(&asked, record) {
            Handled::Answer(answer) => self.answer(answer),
            Handled::Exchange(exchange) => self.start(key, exchange),
        }
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

    fn notification(&mut self, notification: &jsonrpc::Notification) {
        if notification.method != Method::Cancelled {
            return;
        }
        let Ok(params) = Params::read(notification.params.as_deref()) else { return };
        let id = params.request_id.and_then(|raw| RequestId::from_json(&Bytes::copy_from_slice(raw.get().as_bytes())));
        if let Some(id) = id {
            self.calls.cancel(&Key { modern: true, id: id.clone() });
            self.calls.cancel(&Key { modern: false, id });
        }
    }
}
