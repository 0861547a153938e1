//! What is measured of the messages of one method to one tool or prompt: every series bound before it is used twice.

use std::collections::HashMap;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::sync::{OnceLock, PoisonError, RwLock};
use std::time::Duration;

use opentelemetry::KeyValue;
use opentelemetry::metrics::{BoundCounter, BoundHistogram, Counter, Histogram};
use opentelemetry::trace::SpanContext;

use crate::protocol::{Method, Revision};
use crate::telemetry::counting::{Counted, Direction};
use crate::telemetry::exemplars::{Exemplars, Exemplified};
use crate::telemetry::semconv::{self, attribute};
use crate::telemetry::{Ending, Wire};

/// Which series of a target's durations.
type Series = (Wire, Option<Revision>, Ending);

/// The instruments that every call is measured with.
#[derive(Debug)]
pub(super) struct OfCalls {
    pub(super) operation: Histogram<f64>,
    pub(super) calls: Counter<u64>,
    pub(super) arguments: Histogram<u64>,
    pub(super) result: Histogram<u64>,
    pub(super) rows: Histogram<u64>,
    pub(super) tokens: Histogram<u64>,
}

/// The series of one method and one name.
#[derive(Debug)]
pub(crate) struct Target {
    method: &'static str,
    name: Option<&'static str>,
    durations: Histogram<f64>,
    series: RwLock<HashMap<Series, Bound>>,
    calls: Counter<u64>,
    tool: Option<Tool>,
}

/// What is recorded at each end of one sort.
#[derive(Debug)]
struct Bound {
    labels: Vec<KeyValue>,
    duration: BoundHistogram<f64>,
    exemplars: Exemplars,
    calls: Option<BoundCounter<u64>>,
}

/// What tools have besides.
#[derive(Debug)]
struct Tool {
    in_flight: AtomicI64,
    /// How long the slowest call took, in microseconds.
    slowest: AtomicU64,
    arguments: BoundHistogram<u64>,
    result: BoundHistogram<u64>,
    rows: OnceLock<BoundHistogram<u64>>,
    all_rows: Histogram<u64>,
    /// By whether they are counted, and by direction.
    tokens: [[OnceLock<BoundHistogram<u64>>; 2]; 2],
    all_tokens: Histogram<u64>,
}

/// What is known of a message at its end.
#[derive(Clone, Copy, Debug)]
pub(crate) struct End {
    pub(crate) wire: Wire,
    pub(crate) revision: Option<Revision>,
    pub(crate) ending: Ending,
    pub(crate) took: Duration,
    pub(crate) bytes_in: usize,
    pub(crate) bytes_out: usize,
    pub(crate) rows: Option<u64>,
}

impl Target {
    pub(super) fn new(of: &OfCalls, method: &'static str, name: Option<&'static str>) -> Self {
        let tool = name.filter(|_| method == Method::ToolsCall.label()).map(|name| {
            let labels = [KeyValue::new(attribute::TOOL, name)];
            Tool {
                in_flight: AtomicI64::new(0),
                slowest: AtomicU64::new(0),
                arguments: of.arguments.bind(&labels),
                result: of.result.bind(&labels),
                rows: OnceLock::new(),
                all_rows: of.rows.clone(),
                tokens: Default::default(),
                all_tokens: of.tokens.clone(),
            }
        });
        Self { method, name, durations: of.operation.clone(), series: RwLock::default(), calls: of.calls.clone(), tool }
    }

    /// The tool, if it is one.
    pub(super) fn tool(&self) -> Option<&'static str> {
        self.tool.as_ref().and(self.name)
    }

    /// How many of its calls run.
    pub(super) fn in_flight(&self) -> i64 {
        self.tool.as_ref().map_or(0, |tool| tool.in_flight.load(Ordering::Relaxed))
    }

    /// How long its slowest call took, rounded up to microseconds. It bounds what is read from the buckets of a histogram.
    pub(super) fn slowest(&self) -> Duration {
        Duration::from_micros(self.tool.as_ref().map_or(0, |tool| tool.slowest.load(Ordering::Relaxed)))
    }

    /// A call begins.
    pub(crate) fn begin(&self) {
        if let Some(tool) = &self.tool {
            tool.in_flight.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// A call that began has ended.
    pub(crate) fn end(&self, end: &End, span: Option<&SpanContext>) {
        if let Some(tool) = &self.tool {
            tool.in_flight.fetch_sub(1, Ordering::Relaxed);
            let took = u64::try_from(end.took.as_nanos().div_ceil(1_000)).unwrap_or(u64::MAX);
            // Usually it is only read.
            if took > tool.slowest.load(Ordering::Relaxed) {
                tool.slowest.fetch_max(took, Ordering::Relaxed);
            }
            tool.arguments.record(end.bytes_in as u64);
            tool.result.record(end.bytes_out as u64);
            if let (Some(rows), Some(name)) = (end.rows, self.name) {
                tool.rows.get_or_init(|| tool.all_rows.bind(&[KeyValue::new(attribute::TOOL, name)])).record(rows);
            }
        }
        let series = (end.wire, end.revision, end.ending);
        if let Some(bound) = self.series.read().unwrap_or_else(PoisonError::into_inner).get(&series) {
            return bound.record(end, span);
        }
        let mut all = self.series.write().unwrap_or_else(PoisonError::into_inner);
        all.entry(series).or_insert_with(|| self.bind(end)).record(end, span);
    }

    /// The series of its durations, with exemplars.
    pub(super) fn exemplified(&self) -> Vec<Exemplified> {
        let series = self.series.read().unwrap_or_else(PoisonError::into_inner);
        let told = |bound: &Bound| Exemplified { labels: bound.labels.clone(), exemplars: bound.exemplars.all() };
        series.values().map(told).filter(|one| !one.exemplars.is_empty()).collect()
    }

    /// A call used so many tokens in one direction.
    pub(crate) fn used(&self, direction: Direction, counted: Counted, tokens: u64) {
        let (Some(tool), Some(name)) = (&self.tool, self.name) else { return };
        let [estimated, exact] = &tool.tokens;
        let [input, output] = if counted == Counted::Exact { exact } else { estimated };
        let series = if direction == Direction::Input { input } else { output };
        let bind = || {
            tool.all_tokens.bind(&[
                KeyValue::new(attribute::TOOL, name),
                KeyValue::new(attribute::TOKEN_TYPE, direction.word()),
                KeyValue::new(attribute::COUNTED, counted.word()),
            ])
        };
        series.get_or_init(bind).record(tokens);
    }

    fn bind(&self, end: &End) -> Bound {
        let calls = self.tool.as_ref().and(self.name).map(|name| {
            let mut labels =
                vec![KeyValue::new(attribute::TOOL, name), KeyValue::new(attribute::OUTCOME, end.ending.word())];
            labels.extend(end.ending.kind().map(|kind| KeyValue::new(attribute::KIND, kind)));
            self.calls.bind(&labels)
        });
        let labels = self.labels(end);
        Bound { duration: self.durations.bind(&labels), labels, exemplars: Exemplars::default(), calls }
    }

    fn labels(&self, end: &End) -> Vec<KeyValue> {
        let mut labels = vec![KeyValue::new(attribute::METHOD, self.method)];
        let mut label = |name: &'static str, value: Option<opentelemetry::Value>| {
            labels.extend(value.map(|value| KeyValue::new(name, value)));
        };
        label(attribute::ERROR_TYPE, end.ending.error_type().map(Into::into));
        label(attribute::STATUS_CODE, end.ending.code().map(|code| code.to_string().into()));
        if self.method == Method::ToolsCall.label() {
            label(attribute::TOOL, self.name.map(Into::into));
            label(attribute::OPERATION, Some(semconv::EXECUTE_TOOL.into()));
        } else if self.method == Method::PromptsGet.label() {
            label(attribute::PROMPT, self.name.map(Into::into));
        }
        label(attribute::PROTOCOL_VERSION, end.revision.map(|revision| revision.as_str().into()));
        label(attribute::TRANSPORT, end.wire.transport().map(Into::into));
        label(attribute::NETWORK_PROTOCOL, end.wire.protocol().map(Into::into));
        label(attribute::NETWORK_VERSION, end.wire.version().map(Into::into));
        labels
    }
}

impl Bound {
    fn record(&self, end: &End, span: Option<&SpanContext>) {
        if let Some(span) = span {
            self.exemplars.take(span, end.took.as_secs_f64());
        }
        self.duration.record(end.took.as_secs_f64());
        if let Some(calls) = &self.calls {
            calls.add(1);
        }
    }
}
