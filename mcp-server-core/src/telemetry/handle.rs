//! Telemetry is the handle to everything that measures a server.

use std::sync::Arc;

use opentelemetry::trace::{TraceContextExt as _, TracerProvider as _};
use opentelemetry::{Context, InstrumentationScope};
use opentelemetry_sdk::metrics::SdkMeterProvider;
use opentelemetry_sdk::trace::{SdkTracer, SdkTracerProvider};

use super::failures::{Failure, Failures};
use super::meters::Meters;

/// The handle to what measures a server; cheap to clone. The default one measures nothing, and yet passes traces on.
#[derive(Clone, Debug, Default)]
pub(crate) struct Telemetry(Option<Arc<Parts>>);

#[derive(Debug)]
struct Parts {
    meters: Option<Arc<Meters>>,
    tracer: Option<SdkTracer>,
    failures: Failures,
}

impl Telemetry {
    /// Measures with what there is: metrics if somebody reads them, spans if somebody takes them.
    pub(crate) fn new(meters: Option<&SdkMeterProvider>, tracer: Option<&SdkTracerProvider>) -> Self {
        let meters = meters.map(|provider| {
            let meters = Arc::new(Meters::new(provider));
            meters.watch_calls();
            meters
        });
        let scope = InstrumentationScope::builder("mcp-server").with_version(env!("CARGO_PKG_VERSION")).build();
        let tracer = tracer.map(|provider| provider.tracer_with_scope(scope));
        Self(Some(Arc::new(Parts { meters, tracer, failures: Failures::default() })))
    }

    /// The instruments, if somebody reads them.
    pub(crate) fn meters(&self) -> Option<&Arc<Meters>> {
        self.0.as_ref()?.meters.as_ref()
    }

    /// Counts that a guard turned something away.
    pub(crate) fn refused(&self, guard: &'static str) {
        if let Some(meters) = self.meters() {
            meters.refused(guard);
        }
    }

    /// Counts what a guard turned away, if it did.
    pub(crate) fn counted<T, E>(&self, guard: &'static str, passed: Result<T, E>) -> Result<T, E> {
        if passed.is_err() {
            self.refused(guard);
        }
        passed
    }

    /// What makes spans, if somebody takes them.
    pub(crate) fn tracer(&self) -> Option<&SdkTracer> {
        self.0.as_ref()?.tracer.as_ref()
    }

    /// The calls that failed last, the newest first.
    pub(crate) fn failures(&self) -> Vec<Failure> {
        self.0.as_ref().map(|parts| parts.failures.newest()).unwrap_or_default()
    }

    /// Remembers a call that failed.
    pub(super) fn failed(&self, failure: impl FnOnce() -> Failure) {
        if let Some(parts) = &self.0 {
            parts.failures.add(failure());
        }
    }
}

/// The trace that a context is part of, as people write it.
pub(crate) fn trace_id(context: &Context) -> Option<String> {
    let span = context.span();
    let span = span.span_context();
    span.is_valid().then(|| span.trace_id().to_string())
}
