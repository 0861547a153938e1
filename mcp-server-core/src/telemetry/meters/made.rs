//! Making the instruments of the table.

use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use opentelemetry::KeyValue;
use opentelemetry::metrics::{Counter, Histogram, Meter, MeterProvider as _};
use opentelemetry_sdk::metrics::SdkMeterProvider;

use super::target::{OfCalls, Target};
use crate::telemetry::exemplars::Exemplified;
use crate::telemetry::instruments::{self, Instrument, Measures};
use crate::telemetry::semconv::SCOPE;

/// A method, and the tool or prompt that it is about.
type Subject = (&'static str, Option<&'static str>);

/// The instruments.
#[derive(Debug)]
pub(crate) struct Meters {
    pub(super) meter: Meter,
    calls: OfCalls,
    pub(super) session: Histogram<f64>,
    pub(super) client_operation: Histogram<f64>,
    pub(super) queue: Histogram<f64>,
    pub(super) refusals: Counter<u64>,
    pub(super) violations: Counter<u64>,
    pub(super) deviations: Counter<u64>,
    pub(super) upstream_errors: Counter<u64>,
    pub(super) pool_timeouts: Counter<u64>,
    pub(super) loops: Counter<u64>,
    pub(super) alerts: Counter<u64>,
    pub(super) stored: Histogram<f64>,
    pub(super) dropped: Counter<u64>,
    pub(super) connections_refused: Counter<u64>,
    pub(super) connections_ended: Counter<u64>,
    pub(super) accept_failures: Counter<u64>,
    targets: RwLock<HashMap<Subject, Arc<Target>>>,
}

impl Meters {
    /// Makes all instruments; whoever reads from the provider sees them.
    pub(crate) fn new(provider: &SdkMeterProvider) -> Self {
        let meter = provider.meter(SCOPE);
        let seconds = |instrument: &Instrument| {
            let builder = meter.f64_histogram(instrument.name).with_unit(instrument.unit);
            builder.with_description(instrument.meaning).with_boundaries(bounds(instrument)).build()
        };
        let amount = |instrument: &Instrument| {
            let builder = meter.u64_histogram(instrument.name).with_unit(instrument.unit);
            builder.with_description(instrument.meaning).with_boundaries(bounds(instrument)).build()
        };
        let counter = |instrument: &Instrument| {
            let builder = meter.u64_counter(instrument.name).with_unit(instrument.unit);
            builder.with_description(instrument.meaning).build()
        };
        Self {
            calls: OfCalls {
                operation: seconds(&instruments::OPERATION_DURATION),
                calls: counter(&instruments::TOOL_CALLS),
                arguments: amount(&instruments::ARGUMENTS_SIZE),
                result: amount(&instruments::RESULT_SIZE),
                rows: amount(&instruments::RESULT_ROWS),
                tokens: amount(&instruments::TOKENS_USED),
            },
            session: seconds(&instruments::SESSION_DURATION),
            client_operation: seconds(&instruments::CLIENT_OPERATION_DURATION),
            queue: seconds(&instruments::QUEUE_WAIT),
            refusals: counter(&instruments::REFUSALS),
            violations: counter(&instruments::VALIDATION_FAILURES),
            deviations: counter(&instruments::QUALITY_DEVIATIONS),
            pool_timeouts: counter(&instruments::POOL_TIMEOUTS),
            upstream_errors: counter(&instruments::UPSTREAM_ERRORS),
            loops: counter(&instruments::LOOPS),
            alerts: counter(&instruments::BUDGET_ALERTS),
            stored: seconds(&instruments::STORE_OPERATION_DURATION),
            dropped: counter(&instruments::TELEMETRY_DROPPED),
            connections_refused: counter(&instruments::CONNECTIONS_REFUSED),
            connections_ended: counter(&instruments::CONNECTIONS_ENDED),
            accept_failures: counter(&instruments::ACCEPT_FAILURES),
            targets: RwLock::default(),
            meter,
        }
    }

    /// The instruments of a method, and of the tool or prompt that it is about.
    pub(crate) fn target(&self, method: &'static str, name: Option<&'static str>) -> Arc<Target> {
        let known = self.targets.read().unwrap_or_else(PoisonError::into_inner).get(&(method, name)).cloned();
        known.unwrap_or_else(|| {
            let mut targets = self.targets.write().unwrap_or_else(PoisonError::into_inner);
            Arc::clone(
                targets.entry((method, name)).or_insert_with(|| Arc::new(Target::new(&self.calls, method, name))),
            )
        })
    }

    /// Everything that was asked of until now.
    pub(super) fn targets(&self) -> Vec<Arc<Target>> {
        self.targets.read().unwrap_or_else(PoisonError::into_inner).values().cloned().collect()
    }

    /// How long the slowest call of each tool took until now.
    pub(crate) fn slowest(&self) -> Vec<(&'static str, Duration)> {
        self.targets().iter().filter_map(|target| Some((target.tool()?, target.slowest()))).collect()
    }

    /// A traced call for each bucket of each series of durations.
    pub(crate) fn exemplars(&self) -> Vec<Exemplified> {
        self.targets().iter().flat_map(|target| target.exemplified()).collect()
    }

    /// Records the life of a session.
    pub(crate) fn session_ended(&self, life: Duration, attributes: &[KeyValue]) {
        self.session.record(life.as_secs_f64(), attributes);
    }

    /// Records a request to a client.
    pub(crate) fn client_answered(&self, took: Duration, attributes: &[KeyValue]) {
        self.client_operation.record(took.as_secs_f64(), attributes);
    }
}

fn bounds(instrument: &Instrument) -> Vec<f64> {
    match instrument.measures {
        Measures::Histogram(bounds) => bounds.to_vec(),
        Measures::Counter | Measures::Gauge => Vec::new(),
    }
}
