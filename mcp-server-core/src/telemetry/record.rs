//! The call record: one per message, from decoding to the last byte, emitted exactly once.

use std::borrow::Cow;
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime};

use bytes::Bytes;
use http::HeaderMap;
use opentelemetry::Context;
use opentelemetry::trace::{SpanRef, TraceContextExt, TraceId};
use serde_json::Value;
use tracing::{Level, event};

use super::failures::Failure;
use super::handle::{Telemetry, span_id, trace_id};
use super::meters::{End, Target};
use super::propagation;
use super::redact::{Disclosure, Values, told, watch};
use super::scope::Scope;
use super::span::{self, Open, Origin, Said};
use super::tokens::{Bill, Used};
use super::{Ending, Wire, semconv};
use crate::protocol::jsonrpc::Notification;
use crate::protocol::meta::Meta;
use crate::protocol::{Method, Params, RequestId, Revision, RpcError};

/// How many characters of a cause are remembered.
const CAUSE: usize = 300;

/// What is known of one message. Dropped before its end, it records a cancellation.
///
/// It walks along with the message, so it is moved often: its parts stay where they are.
#[derive(Debug)]
pub(crate) struct CallRecord(Box<Parts>);

#[derive(Debug)]
struct Parts {
    telemetry: Telemetry,
    wire: Wire,
    started: Instant,
    since: SystemTime,
    method: &'static str,
    name: Option<&'static str>,
    revision: Option<Revision>,
    id: Option<RequestId>,
    session: Option<Box<str>>,
    uri: Option<Box<str>>,
    bytes_in: usize,
    bytes_out: usize,
    rows: Option<u64>,
    reference: Option<Box<str>>,
    why: Option<Box<str>>,
    cause: Option<Box<str>>,
    ending: Ending,
    target: Option<Arc<Target>>,
    context: Option<Context>,
    span: Option<Open>,
    joined: Option<TraceId>,
    used: Used,
    sent: Option<Arc<Values>>,
    arguments: Option<String>,
    result: Option<String>,
}

impl CallRecord {
    /// Starts right after decoding.
    pub(crate) fn start(telemetry: &Telemetry, wire: Wire, bytes_in: usize) -> Self {
        Self(Box::new(Parts {
            telemetry: telemetry.clone(),
            wire,
            started: Instant::now(),
            since: SystemTime::now(),
            method: "",
            name: None,
            revision: None,
            id: None,
            session: None,
            uri: None,
            bytes_in,
            bytes_out: 0,
            rows: None,
            reference: None,
            why: None,
            cause: None,
            ending: Ending::Accepted,
            target: None,
            context: None,
            span: None,
            joined: None,
            used: Used::default(),
            sent: None,
            arguments: None,
            result: None,
        }))
    }

    /// Says what came in.
    pub(crate) fn received(&mut self, method: &Method) {
        self.0.method = method.label();
    }

    /// Says what was told by a notification, of which nobody waits for the end, and starts its span.
    pub(crate) fn told(&mut self, told: &Notification, revision: Option<Revision>, headers: Option<&HeaderMap>) {
        self.received(&told.method);
        self.0.revision = revision;
        let params = Params::read(told.params.as_deref()).unwrap_or_default();
        self.traced(&params.meta().unwrap_or_default(), headers);
    }

    /// Says what was asked for; dropped from now on without another ending, it was given up.
    pub(crate) fn asked(&mut self, method: &Method, revision: Revision) {
        self.received(method);
        self.0.revision = Some(revision);
        self.0.ending = Ending::Cancelled;
    }

    /// Says under which id it was asked.
    pub(crate) fn identified(&mut self, id: &RequestId) {
        self.0.id = self.0.telemetry.tracer().map(|_| id.clone());
    }

    /// Whether it will be a span.
    pub(crate) fn is_traced(&self) -> bool {
        self.0.telemetry.tracer().is_some()
    }

    /// Says in which session it was asked.
    pub(crate) fn within(&mut self, session: &str) {
        self.0.session = Some(session.into());
    }

    /// Says of which trace it is a part, and starts its span.
    pub(crate) fn traced(&mut self, meta: &Meta<'_>, headers: Option<&HeaderMap>) {
        let origin = Origin::read(meta, headers);
        self.0.joined = origin.trace();
        (self.0.context, self.0.span) = span::start(&self.0.telemetry, self.0.method, origin);
    }

    /// The trace of its caller, if it said one.
    pub(crate) fn joined(&self) -> Option<u128> {
        self.0.joined.map(|trace| u128::from_be_bytes(trace.to_bytes()))
    }

    /// The trace that it is part of, as people write it.
    pub(crate) fn trace_id(&self) -> Option<String> {
        self.0.context.as_ref().and_then(trace_id)
    }

    /// The id of its span, as people write it.
    pub(crate) fn span_id(&self) -> Option<String> {
        self.0.context.as_ref().and_then(span_id)
    }

    /// Puts its trace into the `_meta` of the parameters of something that is done for it.
    pub(crate) fn sign(&self, params: &mut Value) {
        if let Some(context) = &self.0.context {
            propagation::sign(context, params);
        }
    }

    /// What its function is part of.
    pub(crate) fn scope(&self) -> Scope {
        Scope::new(
            self.0.telemetry.clone(),
            self.0.wire,
            self.0.revision,
            self.0.name,
            self.0.context.clone(),
            self.0.sent.clone(),
        )
    }

    /// What measures it.
    pub(crate) fn telemetry(&self) -> &Telemetry {
        &self.0.telemetry
    }

    /// Says which tool or prompt it was, or the URI under which a resource is registered: never a name from the wire.
    pub(crate) fn named(&mut self, name: &'static str) {
        self.0.name = Some(name);
        if let Some(meters) = self.0.telemetry.meters() {
            let target = meters.target(self.0.method, self.0.name);
            target.begin();
            self.0.target = Some(target);
        }
    }

    /// Says under which URI a resource was read; it is told as it is registered, unless arguments are told.
    pub(crate) fn located(&mut self, uri: &str) {
        if self.is_traced() {
            let disclosure = self.disclosure().filter(|disclosure| disclosure.arguments);
            let told = disclosure.map(|disclosure| disclosure.redactor.text(&self.scrub(uri)).into_owned());
            self.0.uri = told.map(String::into_boxed_str).or_else(|| self.0.name.map(Into::into));
        }
    }

    /// Says what its client sent: from now on nothing that is said of it holds any of that.
    pub(crate) fn sent(&mut self, sent: Values) {
        let sent = Arc::new(sent);
        watch(&sent);
        self.0.sent = Some(sent);
    }

    /// A text without what the client sent.
    pub(crate) fn scrub<'a>(&self, text: &'a str) -> Cow<'a, str> {
        self.0.sent.as_ref().map_or(Cow::Borrowed(text), |sent| sent.scrub(text))
    }

    /// Tells the arguments, where the configuration wants them told.
    pub(crate) fn tell_arguments(&mut self, arguments: impl FnOnce() -> Value) {
        if self.disclosure().is_some_and(|disclosure| disclosure.arguments) {
            self.0.arguments = self.cleaned(arguments());
        }
    }

    /// Tells the result, where the configuration wants it told.
    pub(crate) fn tell_result(&mut self, result: impl FnOnce() -> Value) {
        if self.disclosure().is_some_and(|disclosure| disclosure.results) {
            self.0.result = self.cleaned(result());
        }
    }

    fn cleaned(&self, value: Value) -> Option<String> {
        let disclosure = self.disclosure()?;
        Some(told(&disclosure.redactor, self.0.sent.as_deref(), value))
    }

    /// What may be told of it on its span, if there will be one.
    fn disclosure(&self) -> Option<&Disclosure> {
        self.0.telemetry.disclosure().filter(|_| self.is_traced())
    }

    /// Says how many rows there are.
    pub(crate) fn counted(&mut self, rows: Option<u64>) {
        self.0.rows = rows;
    }

    /// Says what the model wrote: so many bytes of this text.
    pub(crate) fn argued(&mut self, bytes: usize, text: impl FnOnce() -> Bytes) {
        self.0.used.wrote(bytes, self.0.telemetry.counts_text().then(text));
    }

    /// Says what the model will read: so many bytes of this list of content.
    pub(crate) fn shows(&mut self, bytes: usize, content: impl FnOnce() -> Bytes) {
        self.0.used.reads(bytes, self.0.telemetry.counts_text().then(content));
    }

    /// Says who pays for what the model writes and reads.
    pub(crate) fn billed(&mut self, bill: Box<dyn Bill>) {
        self.0.used.billed(bill);
    }

    /// Says why it failed, with words from which what the client sent was taken out.
    pub(crate) fn caused(&mut self, cause: &str) {
        let clean = self.0.telemetry.disclosure().map(|disclosure| disclosure.redactor.text(cause));
        let clean = clean.as_deref().unwrap_or_default();
        self.0.cause = Some(clean.chars().take(CAUSE).collect::<String>().into());
    }

    /// Says under which id the client was told to ask.
    pub(crate) fn referred(&mut self, reference: &str) {
        self.0.reference = Some(reference.into());
    }

    /// Says how it ended.
    pub(crate) fn ended(&mut self, ending: Ending) {
        self.0.ending = ending;
    }

    /// Ends with a protocol error.
    pub(crate) fn refused(&mut self, error: &RpcError) {
        self.0.ending = Ending::Refused(error.code);
        if self.is_traced() && self.0.ending.error_type().is_some() {
            self.0.why = Some(self.scrub(&error.message).into());
        }
    }

    /// Adds bytes that left.
    pub(crate) fn wrote(&mut self, bytes: usize) {
        self.0.bytes_out += bytes;
    }

    /// How long it took until now.
    pub(crate) fn elapsed(&self) -> Duration {
        self.0.started.elapsed()
    }

    fn measure(&self, took: Duration) {
        let Some(meters) = self.0.telemetry.meters() else { return };
        let end = End {
            wire: self.0.wire,
            revision: self.0.revision,
            ending: self.0.ending,
            took,
            bytes_in: self.0.bytes_in,
            bytes_out: self.0.bytes_out,
            rows: self.0.rows,
        };
        let span = self.0.context.as_ref().filter(|_| self.0.span.is_some()).map(TraceContextExt::span);
        let span = span.as_ref().map(SpanRef::span_context);
        match &self.0.target {
            Some(target) => target.end(&end, span),
            None if self.0.method.is_empty() => {}
            None => meters.target(self.0.method, None).end(&end, span),
        }
    }

    fn trace(&self, took: Duration) {
        let (Some(context), Some(span)) = (&self.0.context, &self.0.span) else { return };
        let said = Said {
            wire: self.0.wire,
            method: self.0.method,
            name: self.0.name,
            uri: self.0.uri.as_deref(),
            id: self.0.id.as_ref(),
            session: self.0.session.as_deref(),
            revision: self.0.revision,
            ending: self.0.ending,
            why: self.0.why.as_deref(),
            reference: self.0.reference.as_deref(),
            arguments: self.0.arguments.as_deref(),
            result: self.0.result.as_deref(),
            sent: self.0.sent.as_deref(),
            since: self.0.since,
            took,
        };
        span.end(&self.0.telemetry, context, &said);
    }

    fn remember(&self, took: Duration) {
        let kind = match self.0.ending {
            Ending::Failed(kind) => kind.to_owned(),
            Ending::Refused(code) => code.to_string(),
            Ending::Cancelled => String::new(),
            _ => return,
        };
        self.0.telemetry.failed(|| Failure {
            at: SystemTime::now(),
            method: self.0.method,
            name: self.0.name,
            outcome: self.0.ending.word(),
            is_callers: match self.0.ending {
                Ending::Failed(kind) => semconv::CALLERS_KINDS.contains(&kind),
                Ending::Refused(code) => semconv::is_callers_fault(code),
                _ => true,
            },
            kind,
            cause: self.0.cause.clone().or_else(|| self.0.why.clone()),
            reference: self.0.reference.clone(),
            trace: self.trace_id(),
            micros: micros(took),
        });
    }
}

fn micros(took: Duration) -> u64 {
    u64::try_from(took.as_micros()).unwrap_or(u64::MAX)
}

macro_rules! emit {
    ($record:expr, $took:expr, $level:expr) => {
        event!(
            target: "mcp_server::call",
            $level,
            method = $record.method,
            name = $record.name,
            outcome = $record.ending.word(),
            kind = $record.ending.kind(),
            code = $record.ending.code(),
            rows = $record.rows,
            bytes_in = $record.bytes_in,
            bytes_out = $record.bytes_out,
            micros = micros($took),
            revision = $record.revision.map(Revision::as_str),
            transport = $record.wire.word(),
            reference = $record.reference.as_deref(),
            trace_id = $record.context.as_ref().and_then(trace_id),
            span_id = $record.context.as_ref().and_then(span_id),
            "call"
        )
    };
}

impl Drop for CallRecord {
    fn drop(&mut self) {
        let took = self.elapsed();
        self.measure(took);
        if !self.0.used.is_empty() {
            self.0.telemetry.used(std::mem::take(&mut self.0.used), self.0.target.clone());
        }
        self.trace(took);
        self.remember(took);
        match self.0.ending {
            Ending::Failed(_) => emit!(self.0, took, Level::WARN),
            Ending::Refused(_) | Ending::Cancelled => emit!(self.0, took, Level::INFO),
            _ => emit!(self.0, took, Level::DEBUG),
        }
    }
}
