//! Telemetry is the handle to everything that measures a server.

use std::sync::{Arc, OnceLock};

use opentelemetry::Context;
use opentelemetry::trace::TraceContextExt as _;
use opentelemetry_sdk::metrics::SdkMeterProvider;

use super::counting::Counting;
use super::failures::{Failure, Failures};
use super::meters::{Meters, Target};
use super::pools::NamedPool;
use super::redact::Disclosure;
use super::tokens::{Counter, Used};
use super::trace::Tracer;

/// The handle to what measures a server; cheap to clone. The default one measures nothing, and yet passes traces on.
#[derive(Clone, Debug, Default)]
pub(crate) struct Telemetry(Option<Arc<Parts>>);

#[derive(Debug)]
struct Parts {
    meters: Option<Arc<Meters>>,
    tracer: Option<Tracer>,
    failures: Failures,
    counting: Counting,
    counter: Counter,
    disclosure: OnceLock<Disclosure>,
    pools: OnceLock<Vec<NamedPool>>,
}

impl Telemetry {
    /// Measures with what there is: metrics if somebody reads them, spans if somebody takes them.
    pub(crate) fn new(meters: Option<&SdkMeterProvider>, tracer: Option<Tracer>, counting: Counting) -> Self {
        let meters = meters.map(|provider| {
            let meters = Arc::new(Meters::new(provider));
            meters.watch_calls();
            meters
        });
        Self(Some(Arc::new(Parts {
            meters,
            tracer,
            failures: Failures::default(),
            counting,
            counter: Counter::default(),
            disclosure: OnceLock::new(),
            pools: OnceLock::new(),
        })))
    }

    /// The instruments, if somebody reads them.
    pub(crate) fn meters(&self) -> Option<&Arc<Meters>> {
        self.0.as_ref()?.meters.as_ref()
    }

    /// Measures pools of connections from now on. Only the first list counts.
    pub(crate) fn watch_pools(&self, pools: Vec<NamedPool>) {
        let Some(parts) = self.0.as_ref().filter(|_| !pools.is_empty()) else { return };
        if let (Ok(()), Some(meters)) = (parts.pools.set(pools), &parts.meters) {
            meters.watch_pools(Arc::downgrade(parts), |parts| parts.pools.get().map_or(&[], Vec::as_slice));
        }
    }

    /// The pools that are measured.
    pub(crate) fn pools(&self) -> &[NamedPool] {
        self.0.as_ref().and_then(|parts| parts.pools.get()).map_or(&[], Vec::as_slice)
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
    pub(crate) fn tracer(&self) -> Option<&Tracer> {
        self.0.as_ref()?.tracer.as_ref()
    }

    /// Whether the text that models write and read is to be kept until it is counted.
    pub(super) fn counts_text(&self) -> bool {
        self.0.as_ref().is_some_and(|parts| parts.counting == Counting::Exact)
    }

    /// Takes in what a call used.
    pub(super) fn used(&self, used: Used, target: Option<Arc<Target>>) {
        match &self.0 {
            Some(parts) if parts.counting == Counting::Exact => parts.counter.count(used, target),
            Some(parts) => used.estimated(parts.counting, target.as_ref()),
            None => used.estimated(Counting::Off, None),
        }
    }

    /// Waits until the tokens of what is over are counted, but not for long. It blocks.
    pub(super) fn settle(&self) {
        if let Some(parts) = &self.0 {
            parts.counter.flush();
        }
    }

    /// Says what may be told of calls; until then nothing may.
    pub(crate) fn disclose(&self, disclosure: Disclosure) {
        if let Some(parts) = &self.0 {
            parts.disclosure.get_or_init(|| disclosure);
        }
    }

    /// What may be told of calls.
    pub(crate) fn disclosure(&self) -> Option<&Disclosure> {
        self.0.as_ref()?.disclosure.get()
    }

    /// Whether the arguments of calls may be told.
    pub(crate) fn tells_arguments(&self) -> bool {
        self.disclosure().is_some_and(|disclosure| disclosure.arguments)
    }

    /// The calls that failed last, the newest first: what the server has to answer for, and what callers made.
    pub(crate) fn failures(&self) -> [Vec<Failure>; 2] {
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
pub(super) fn trace_id(context: &Context) -> Option<String> {
    let span = context.span();
    let span = span.span_context();
    span.is_valid().then(|| span.trace_id().to_string())
}

/// The span that a context is, as people write it.
pub(super) fn span_id(context: &Context) -> Option<String> {
    let span = context.span();
    let span = span.span_context();
    span.is_valid().then(|| span.span_id().to_string())
}
