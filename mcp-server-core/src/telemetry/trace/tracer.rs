//! What makes spans: which messages become some, under which ids, and who takes them.

use std::sync::Arc;

use opentelemetry::Context;
use opentelemetry::trace::{SpanContext, SpanKind, TraceContextExt as _, TraceFlags};
use opentelemetry_sdk::trace::{
    IdGenerator as _, RandomIdGenerator, Sampler, SamplingDecision, SdkTracer, ShouldSample as _,
};

use super::carriers::Carriers;
use super::ended::Takes;
use super::limits::SpanLimits;

/// Makes spans of messages, and hands them to whoever exports them. The spans within a message are the SDK's.
#[derive(Clone, Debug)]
pub(crate) struct Tracer {
    sampler: Sampler,
    limits: SpanLimits,
    taker: Arc<dyn Takes>,
    others: SdkTracer,
    carriers: Arc<Carriers>,
}

#[cfg_attr(not(feature = "otlp"), expect(dead_code, reason = "without the feature nobody takes spans"))]
impl Tracer {
    /// Spans of messages go to this taker, others are made by this tracer.
    pub(crate) fn new(
        sampler: Sampler,
        limits: SpanLimits,
        taker: Arc<dyn Takes>,
        others: SdkTracer,
        carriers: Arc<Carriers>,
    ) -> Self {
        Self { sampler, limits, taker, others, carriers }
    }
}

impl Tracer {
    /// Who takes the spans of messages.
    pub(in crate::telemetry) fn taker(&self) -> &dyn Takes {
        &*self.taker
    }

    /// What makes the spans within messages.
    pub(in crate::telemetry) fn others(&self) -> &SdkTracer {
        &self.others
    }

    /// What a span may have at most.
    pub(in crate::telemetry) fn limits(&self) -> SpanLimits {
        self.limits
    }

    /// What carries calls to threads of others.
    pub(in crate::telemetry) fn carriers(&self) -> &Carriers {
        &self.carriers
    }

    /// The ids of a span that begins within a context; it is sampled or not.
    pub(in crate::telemetry) fn begin(&self, method: &'static str, context: &Context) -> SpanContext {
        let (span, ids) = (context.span(), RandomIdGenerator::default());
        let parent = Some(span.span_context()).filter(|parent| parent.is_valid());
        let trace = parent.map_or_else(|| ids.new_trace_id(), SpanContext::trace_id);
        let sampling = self.sampler.should_sample(Some(context), trace, method, &SpanKind::Server, &[], &[]);
        let is_sampled = sampling.decision == SamplingDecision::RecordAndSample;
        let flags = TraceFlags::default().with_sampled(is_sampled);
        SpanContext::new(trace, ids.new_span_id(), flags, false, sampling.trace_state)
    }
}
