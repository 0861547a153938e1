//! The span of a message: SERVER, named for its method and what it is about, its parent from `_meta`.

use std::time::SystemTime;

use http::HeaderMap;
use opentelemetry::trace::{Link, SpanContext, SpanKind, Status, TraceContextExt as _, TraceId, Tracer as _};
use opentelemetry::{Context, KeyValue, StringValue};

use super::handle::Telemetry;
use super::propagation::{self, TRACEPARENT, TRACESTATE, with_baggage};
use super::semconv::{self, attribute};
use super::{Ending, Wire};
use crate::protocol::meta::Meta;
use crate::protocol::{Method, RequestId, Revision};

/// Where a message comes from: the context in its `_meta`, and the one of the HTTP request that carried it.
#[derive(Clone, Debug, Default)]
pub(crate) struct Origin {
    /// What the sender said in `_meta` (SEP-414).
    pub(crate) sender: Option<SpanContext>,
    /// What the HTTP request said, which may have carried other messages too.
    pub(crate) ambient: Option<SpanContext>,
    /// The baggage that goes along.
    pub(crate) baggage: Option<Box<str>>,
}

impl Origin {
    /// Reads what a message and its request say.
    pub(crate) fn read(meta: &Meta<'_>, headers: Option<&HeaderMap>) -> Self {
        let sender = meta.traceparent.as_ref().and_then(|parent| propagation::read(parent, meta.tracestate.as_deref()));
        let header = |name: &str| headers?.get(name)?.to_str().ok();
        let ambient = header(TRACEPARENT).and_then(|parent| propagation::read(parent, header(TRACESTATE)));
        let baggage = meta.baggage.as_deref().filter(|_| sender.is_some()).map(Into::into);
        Self { sender, ambient, baggage }
    }

    /// The trace that it says the message is part of.
    pub(super) fn trace(&self) -> Option<TraceId> {
        self.sender.as_ref().or(self.ambient.as_ref()).map(SpanContext::trace_id)
    }

    /// The parent and the links of the message's span.
    fn split(self) -> (Option<Context>, Vec<Link>) {
        let parent = |span: SpanContext| {
            let parent = Context::new().with_remote_span_context(span);
            self.baggage.as_deref().map_or_else(|| parent.clone(), |baggage| with_baggage(&parent, baggage))
        };
        match (self.sender, self.ambient) {
            (Some(sender), Some(ambient)) => (Some(parent(sender)), vec![Link::new(ambient, Vec::new(), 0)]),
            (Some(one), None) | (None, Some(one)) => (Some(parent(one)), Vec::new()),
            (None, None) => (None, Vec::new()),
        }
    }
}

/// Starts the span of a message; without anybody who takes spans, the context that it would have had as a parent, so that
/// the trace goes on around this server.
pub(super) fn start(telemetry: &Telemetry, method: &'static str, since: SystemTime, origin: Origin) -> Option<Context> {
    let (parent, links) = origin.split();
    let Some(tracer) = telemetry.tracer() else { return parent };
    let builder = tracer.span_builder(method).with_kind(SpanKind::Server).with_start_time(since).with_links(links);
    let parent = parent.unwrap_or_default();
    let span = tracer.build_with_context(builder, &parent);
    Some(parent.with_span(span))
}

/// What is said of a message on its span.
#[derive(Debug)]
pub(super) struct Said<'a> {
    pub(super) wire: Wire,
    pub(super) method: &'static str,
    pub(super) name: Option<&'static str>,
    pub(super) uri: Option<&'a str>,
    pub(super) id: Option<&'a RequestId>,
    pub(super) session: Option<&'a str>,
    pub(super) revision: Option<Revision>,
    pub(super) ending: Ending,
    pub(super) why: Option<&'a str>,
    pub(super) arguments: Option<&'a str>,
    pub(super) result: Option<&'a str>,
}

/// Ends the span of a message.
pub(super) fn end(context: &Context, said: &Said<'_>) {
    let span = context.span();
    if !span.is_recording() {
        return;
    }
    let mut attributes = Vec::with_capacity(12);
    attributes.push(KeyValue::new(attribute::METHOD, said.method));
    if said.method == Method::ToolsCall.label() {
        attributes.push(KeyValue::new(attribute::OPERATION, semconv::EXECUTE_TOOL));
        attributes.extend(said.name.map(|name| KeyValue::new(attribute::TOOL, name)));
    } else if said.method == Method::PromptsGet.label() {
        attributes.extend(said.name.map(|name| KeyValue::new(attribute::PROMPT, name)));
    }
    if let (Some(name), true) = (said.name, is_named(said.method)) {
        span.update_name(format!("{} {name}", said.method));
    }
    let text = |name: &'static str, value: &str| KeyValue::new(name, StringValue::from(value.to_owned()));
    attributes.extend(said.uri.map(|uri| text(attribute::RESOURCE_URI, uri)));
    attributes.extend(said.arguments.map(|arguments| text(attribute::ARGUMENTS, arguments)));
    attributes.extend(said.result.map(|result| text(attribute::RESULT, result)));
    attributes.extend(said.id.map(|id| text(attribute::REQUEST_ID, id.as_json().trim_matches('"'))));
    attributes.extend(said.session.map(|session| text(attribute::SESSION_ID, session)));
    attributes.extend(said.revision.map(|revision| KeyValue::new(attribute::PROTOCOL_VERSION, revision.as_str())));
    attributes.extend(said.wire.transport().map(|word| KeyValue::new(attribute::TRANSPORT, word)));
    attributes.extend(said.wire.protocol().map(|word| KeyValue::new(attribute::NETWORK_PROTOCOL, word)));
    attributes.extend(said.ending.code().map(|code| KeyValue::new(attribute::STATUS_CODE, code.to_string())));
    if let Some(error) = said.ending.error_type() {
        attributes.push(KeyValue::new(attribute::ERROR_TYPE, error));
        attributes.extend(said.ending.kind().map(|kind| KeyValue::new(attribute::KIND, kind)));
        span.set_status(Status::error(said.why.unwrap_or(said.ending.word()).to_owned()));
    }
    attributes.push(KeyValue::new(attribute::OUTCOME, said.ending.word()));
    span.set_attributes(attributes);
    span.end();
}

/// Whether the name of the span has the name of what the message is about: resources are too many for that.
fn is_named(method: &str) -> bool {
    method == Method::ToolsCall.label() || method == Method::PromptsGet.label()
}
