//! Scopes: which call the code that runs now is part of, for its spans, its requests to others and its log lines.

use std::cell::RefCell;
use std::sync::{Arc, OnceLock};
use std::time::SystemTime;

use opentelemetry::trace::{Status, TraceContextExt as _, Tracer as _};
use opentelemetry::{Context, ContextGuard, KeyValue};
use opentelemetry_sdk::trace::SpanData;
use serde_json::Value;
use tracing::Span;
use tracing::span::EnteredSpan;

use super::Wire;
use super::handle::Telemetry;
use super::propagation::sign;
use super::redact::Values;
use super::semconv::attribute;
use super::upstreams::{Answered, Upstreams};
use crate::protocol::Revision;

thread_local! {
    static CURRENT: RefCell<Option<Scope>> = const { RefCell::new(None) };
}

/// The call that code is part of; cheap to clone.
#[derive(Clone, Debug, Default)]
pub(crate) struct Scope(Arc<Parts>);

#[derive(Debug)]
struct Parts {
    telemetry: Telemetry,
    wire: Wire,
    revision: Option<Revision>,
    name: Option<&'static str>,
    context: Option<Context>,
    sent: Option<Arc<Values>>,
    carrier: Span,
    reference: OnceLock<String>,
    upstreams: Upstreams,
    since: SystemTime,
}

impl Default for Parts {
    fn default() -> Self {
        Self {
            telemetry: Telemetry::default(),
            wire: Wire::Task,
            revision: None,
            name: None,
            context: None,
            sent: None,
            carrier: Span::none(),
            reference: OnceLock::new(),
            upstreams: Upstreams::default(),
            since: SystemTime::now(),
        }
    }
}

/// That code on this thread is part of a call.
#[derive(Debug)]
pub(crate) struct Entered {
    _carried: Option<EnteredSpan>,
    _attached: Option<ContextGuard>,
    before: Option<Scope>,
}

impl Drop for Entered {
    fn drop(&mut self) {
        // What was current is dropped when the cell is free again.
        drop(CURRENT.replace(self.before.take()));
    }
}

impl Scope {
    pub(super) fn new(
        telemetry: Telemetry,
        wire: Wire,
        revision: Option<Revision>,
        name: Option<&'static str>,
        context: Option<Context>,
        sent: Option<Arc<Values>>,
    ) -> Self {
        let mut parts = Parts { telemetry, wire, revision, name, context, sent, ..Parts::default() };
        if let (Some(tracer), Some(context)) = (parts.telemetry.tracer(), &parts.context) {
            parts.carrier = tracer.carriers().carry(context);
        }
        Self(Arc::new(parts))
    }

    /// The call that the code on this thread is part of now.
    pub(crate) fn current() -> Option<Self> {
        CURRENT.with_borrow(Clone::clone)
    }

    /// Makes what runs on this thread part of the call, until the guard is dropped.
    pub(crate) fn enter(&self) -> Entered {
        let before = CURRENT.replace(Some(self.clone()));
        // Where somebody listens to the carrier, entering it attaches the context too.
        let (carried, attached) = if self.0.carrier.is_disabled() {
            (None, self.0.context.clone().map(Context::attach))
        } else {
            (Some(self.0.carrier.clone().entered()), None)
        };
        Entered { _carried: carried, _attached: attached, before }
    }

    /// The id under which the log has more about the call, made when it is first asked for.
    pub(crate) fn reference(&self, make: impl FnOnce() -> String) -> &str {
        self.0.reference.get_or_init(make)
    }

    /// Records how a service answered a request of the call. The hash tells addresses apart.
    #[cfg_attr(not(feature = "reqwest"), expect(dead_code, reason = "without the feature nobody asks a service"))]
    pub(crate) fn upstream_answered(&self, address: u64, answered: Answered) {
        self.0.upstreams.record(address, answered);
    }

    /// The error that a service answered with last, if the call asked one.
    pub(crate) fn upstream_error(&self) -> Option<Answered> {
        self.0.upstreams.error()
    }

    /// Adds a span to the trace of the call for a wait of which nobody else tells: it began at some time within the call,
    /// and ends now, in vain.
    pub(crate) fn waited_in_vain(&self, name: &'static str, error_type: &'static str) {
        let (Some(tracer), Some(context)) = (self.0.telemetry.tracer(), &self.0.context) else { return };
        if !context.span().span_context().is_sampled() {
            return;
        }
        let tracer = tracer.others();
        let builder = tracer.span_builder(name).with_start_time(self.0.since);
        let builder = builder.with_attributes(vec![KeyValue::new(attribute::ERROR_TYPE, error_type)]);
        let span = tracer.build_with_context(builder, context);
        let context = context.with_span(span);
        context.span().set_status(Status::error(error_type));
        context.span().end();
    }

    /// The tool, prompt or resource that is called.
    pub(crate) fn name(&self) -> Option<&'static str> {
        self.0.name
    }

    /// What measures the call.
    pub(crate) fn telemetry(&self) -> &Telemetry {
        &self.0.telemetry
    }

    /// What the call came over, and by which revision.
    pub(crate) fn wire(&self) -> (Wire, Option<Revision>) {
        (self.0.wire, self.0.revision)
    }

    /// What its client sent, which may not be told.
    pub(crate) fn sent(&self) -> Option<&Values> {
        self.0.sent.as_deref()
    }

    /// Takes what its client sent out of a span that ended within the call.
    #[cfg_attr(not(feature = "otlp"), expect(dead_code, reason = "without the feature nobody takes spans"))]
    pub(crate) fn scrub_span(&self, span: &mut SpanData) {
        if let Some(sent) = &self.0.sent {
            sent.scrub_span(span);
        }
    }

    /// The trace that the call is part of.
    pub(crate) fn context(&self) -> Option<&Context> {
        self.0.context.as_ref()
    }

    /// Puts the trace into the `_meta` of a message's parameters (SEP-414).
    pub(crate) fn sign(&self, params: &mut Value) {
        if let Some(context) = &self.0.context {
            sign(context, params);
        }
    }
}
