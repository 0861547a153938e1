//! The span of a message: SERVER, named for its method and what it is about, its parent from `_meta`.

use std::borrow::Cow;
use std::time::{Duration, SystemTime};

use http::HeaderMap;
use opentelemetry::Context;
use opentelemetry::trace::{SpanContext, TraceContextExt as _, TraceId};

use super::handle::Telemetry;
use super::propagation::{self, TRACEPARENT, TRACESTATE, with_baggage};
use super::redact::Values;
use super::semconv::{self, attribute};
use super::trace::{Additions, Ended, Text, Within};
use super::{Ending, Wire};
use crate::protocol::meta::Meta;
use crate::protocol::{Method, RequestId, Revision};

/// Bytes of an id, a URI or the text of an error on a span at most.
const SHORT: usize = 256;

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

    /// The context that the message's span begins in, the parent itself, and a link.
    fn split(self) -> (Context, Option<SpanContext>, Option<SpanContext>) {
        let (parent, link) = match (self.sender, self.ambient) {
            (Some(sender), ambient) => (sender, ambient),
            (None, Some(ambient)) => (ambient, None),
            (None, None) => return (Context::new(), None, None),
        };
        let context = Context::new().with_remote_span_context(parent.clone());
        let laden = self.baggage.as_deref().map(|baggage| with_baggage(&context, baggage));
        (laden.unwrap_or(context), Some(parent), link)
    }
}

/// The span of a message that is not over yet.
#[derive(Debug)]
pub(super) struct Open {
    parent: Option<SpanContext>,
    link: Option<SpanContext>,
    additions: Additions,
}

/// Starts the span of a message, if it is to be told of; the context is what its function is part of, in any case, so that
/// the trace goes on around this server.
pub(super) fn start(telemetry: &Telemetry, method: &'static str, origin: Origin) -> (Option<Context>, Option<Open>) {
    let (context, parent, link) = origin.split();
    let Some(tracer) = telemetry.tracer() else { return (parent.map(|_| context), None) };
    let began = tracer.begin(method, &context);
    if !began.is_sampled() {
        return (Some(context.with_remote_span_context(began)), None);
    }
    let additions = Additions::within(tracer.limits());
    let within = context.with_span(Within::new(began, additions.clone()));
    (Some(within), Some(Open { parent, link, additions }))
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
    pub(super) reference: Option<&'a str>,
    pub(super) arguments: Option<&'a str>,
    pub(super) result: Option<&'a str>,
    pub(super) sent: Option<&'a Values>,
    pub(super) since: SystemTime,
    pub(super) took: Duration,
}

impl Open {
    /// Ends it.
    pub(super) fn end(&self, telemetry: &Telemetry, context: &Context, said: &Said<'_>) {
        let Some(tracer) = telemetry.tracer() else { return };
        let span = context.span();
        let mut added = self.additions.close();
        if let (Some(added), Some(sent)) = (&mut added, said.sent) {
            sent.scrub_added(added);
        }
        tracer.taker().take(Ended {
            context: span.span_context(),
            parent: self.parent.as_ref(),
            link: self.link.as_ref(),
            method: said.method,
            about: said.name.filter(|_| is_named(said.method)),
            since: said.since,
            until: said.since + said.took,
            attributes: said.attributes(),
            error: said.ending.error_type().map(|_| said.why.map_or(said.ending.word(), short)),
            added,
        });
    }
}

impl<'a> Said<'a> {
    fn attributes(&self) -> Vec<(&'static str, Text<'a>)> {
        let foreign = |name: &'static str, text: Option<&'a str>| text.map(|text| (name, Text::Foreign(text)));
        let mut attributes = Vec::with_capacity(16);
        attributes.push((attribute::METHOD, self.method.into()));
        if self.method == Method::ToolsCall.label() {
            attributes.push((attribute::OPERATION, semconv::EXECUTE_TOOL.into()));
            attributes.extend(self.name.map(|name| (attribute::TOOL, name.into())));
        } else if self.method == Method::PromptsGet.label() {
            attributes.extend(self.name.map(|name| (attribute::PROMPT, name.into())));
        }
        attributes.extend(foreign(attribute::RESOURCE_URI, self.uri.map(short)));
        attributes.extend(foreign(attribute::ARGUMENTS, self.arguments));
        attributes.extend(foreign(attribute::RESULT, self.result));
        attributes.extend(foreign(attribute::REQUEST_ID, self.id.map(|id| short(id.as_json().trim_matches('"')))));
        attributes.extend(self.session.map(|session| (attribute::SESSION_ID, Text::Own(session.into()))));
        attributes.extend(self.revision.map(|revision| (attribute::PROTOCOL_VERSION, revision.as_str().into())));
        attributes.extend(self.wire.transport().map(|word| (attribute::TRANSPORT, word.into())));
        attributes.extend(self.wire.protocol().map(|word| (attribute::NETWORK_PROTOCOL, word.into())));
        attributes.extend(self.wire.version().map(|word| (attribute::NETWORK_VERSION, word.into())));
        let own = |text: String| Text::Own(Cow::Owned(text));
        attributes.extend(self.ending.code().map(|code| (attribute::STATUS_CODE, own(code.to_string()))));
        if let Some(error) = self.ending.error_type() {
            attributes.push((attribute::ERROR_TYPE, own(error)));
            attributes.extend(self.ending.kind().map(|kind| (attribute::KIND, kind.into())));
        }
        attributes.push((attribute::OUTCOME, self.ending.word().into()));
        attributes.extend(self.reference.map(|reference| (attribute::REFERENCE, Text::Own(reference.into()))));
        attributes
    }
}

/// The beginning of a text that others chose: an id, a URI, the text of an error.
fn short(text: &str) -> &str {
    text.get(..text.floor_char_boundary(SHORT)).unwrap_or(text)
}

/// Whether the name of the span has the name of what the message is about: resources are too many for that.
fn is_named(method: &str) -> bool {
    method == Method::ToolsCall.label() || method == Method::PromptsGet.label()
}
