//! Everything that goes to a collector: made at the start, before anything is logged, and sent as soon as it is known who
//! sends it.

use std::sync::Arc;
use std::time::Duration;

use opentelemetry::trace::TracerProvider as _;
use opentelemetry::{InstrumentationScope, global};
use opentelemetry_otlp::MetricExporter;
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::metrics::{MeterProviderBuilder, PeriodicReader};
use opentelemetry_sdk::trace::{Sampler, SdkTracerProvider};

use super::attempt::Bound;
use super::loss::Loss;
use super::pushed::Pushed;
use super::queue::{Queue, queue};
use super::sender::Sender;
use super::worker::Worker;
use super::{authors, build};
use crate::background;
use crate::telemetry::export::SpanLayer;
use crate::telemetry::export::collector::{Collector, Protocol};
use crate::telemetry::export::variables::Signal;
use crate::telemetry::export::wanted::Wanted;
use crate::telemetry::redact::Redactor;
use crate::telemetry::semconv::SCOPE;
use crate::telemetry::trace::{Carriers, SpanLimits, Tracer};
use crate::telemetry::{Meters, Queries};

/// Time beyond an export's own for what does not keep to it.
const MARGIN: Duration = Duration::from_secs(1);

/// What is to go to a collector.
#[derive(Debug, Default)]
pub(crate) struct Otlp {
    spans: Option<Spans>,
    metrics: Option<Metrics>,
}

#[derive(Debug)]
struct Spans {
    /// Before the provider, whose end would wait for a thread that was never started.
    worker: Worker<Sender>,
    queue: Queue,
    sampler: Sampler,
    limits: SpanLimits,
    carriers: Arc<Carriers>,
    provider: SdkTracerProvider,
    loss: Arc<Loss>,
    place: String,
    protocol: Protocol,
}

#[derive(Debug)]
struct Metrics {
    pushed: Pushed<MetricExporter>,
    every: Duration,
    place: String,
    protocol: Protocol,
}

impl Otlp {
    /// Makes what is wanted, on the runtime of the server. Returns why a signal cannot be exported, too.
    pub(crate) fn prepare(wanted: &Wanted, redactor: &Arc<Redactor>) -> (Self, Vec<String>) {
        let mut problems = Vec::new();
        let spans = wanted.traces.as_ref().map(|collector| Spans::prepare(wanted, collector, redactor));
        let spans = spans.and_then(|spans| spans.map_err(|why| problems.push(format!("no spans: {why}"))).ok());
        let metrics = wanted.metrics.as_ref().map(|collector| Metrics::prepare(wanted, collector));
        let metrics = metrics.and_then(|made| made.map_err(|why| problems.push(format!("no metrics: {why}"))).ok());
        (Self { spans, metrics }, problems)
    }

    /// What makes spans.
    pub(crate) fn tracer(&self) -> Option<Tracer> {
        let Spans { provider, queue, sampler, limits, carriers, .. } = self.spans.as_ref()?;
        let scope = InstrumentationScope::builder(SCOPE).with_version(env!("CARGO_PKG_VERSION")).build();
        let others = provider.tracer_with_scope(scope);
        Some(Tracer::new(sampler.clone(), *limits, Arc::new(queue.clone()), others, Arc::clone(carriers)))
    }

    /// What makes spans of what an author traces, and of queries.
    pub(crate) fn layer(&self) -> Option<SpanLayer> {
        let spans = self.spans.as_ref()?;
        let provider = &spans.provider;
        let queries = Queries::new(provider.tracer(SCOPE), Arc::clone(&spans.carriers));
        Some(authors::layer(provider.tracer("tracing"), queries))
    }

    /// Publishes how full the queue of spans is.
    pub(crate) fn watch(&self, meters: &Meters) {
        if let Some(spans) = &self.spans {
            spans.queue.watch(meters);
        }
    }

    /// Whether metrics are sent.
    pub(crate) fn measures(&self) -> bool {
        self.metrics.is_some()
    }

    /// Sends metrics, too, of a provider that is being made; gives out what counts their losses.
    pub(crate) fn read(&mut self, builder: MeterProviderBuilder) -> (MeterProviderBuilder, Losses) {
        let mut losses = Losses(self.spans.iter().map(|spans| Arc::clone(&spans.loss)).collect());
        let Some(Metrics { pushed, every, place, protocol }) = self.metrics.take() else { return (builder, losses) };
        tracing::info!(target: "mcp_server", endpoint = place, protocol = protocol.word(), "metrics are exported");
        losses.0.push(Arc::clone(&pushed.loss));
        (builder.with_reader(PeriodicReader::builder(pushed).with_interval(every).build()), losses)
    }

    /// Begins to send spans.
    pub(crate) fn begin(self, resource: Resource) -> Sending {
        let Some(Spans { provider, worker, place, protocol, .. }) = self.spans else { return Sending(None) };
        let thread = background::spawn_thread("spans", move || worker.run(&resource));
        match thread {
            Ok(_) => {
                tracing::info!(target: "mcp_server", endpoint = place, protocol = protocol.word(), "spans are exported");
            }
            Err(error) => tracing::warn!(target: "mcp_server", %error, "spans cannot be exported: no thread for it"),
        }
        global::set_tracer_provider(provider.clone());
        Sending(Some(provider))
    }
}

/// Whose losses are to be counted.
#[derive(Debug)]
pub(crate) struct Losses(Vec<Arc<Loss>>);

impl Losses {
    /// Has them counted.
    pub(crate) fn count_with(&self, meters: &Arc<Meters>) {
        for loss in &self.0 {
            loss.count_with(meters);
        }
    }
}

/// Spans that are being sent.
#[derive(Debug)]
pub(crate) struct Sending(Option<SdkTracerProvider>);

impl Sending {
    /// Sends what is left, within a time.
    pub(crate) fn stop(self, within: Duration) {
        if let Some(Err(error)) = self.0.map(|provider| provider.shutdown_with_timeout(within)) {
            tracing::debug!(target: "mcp_server", %error, "the last spans could not be exported");
        }
    }
}

impl Spans {
    fn prepare(wanted: &Wanted, collector: &Collector, redactor: &Arc<Redactor>) -> Result<Self, String> {
        let loss = Loss::of(Signal::Traces);
        let (queue, exit) = queue(wanted.queue, wanted.limits, Arc::clone(redactor), Arc::clone(&loss));
        let worker = Worker {
            queue: exit,
            delay: wanted.queue.delay,
            sender: Sender::to(collector)?,
            redactor: Arc::clone(redactor),
            loss: Arc::clone(&loss),
        };
        let sampler = wanted.sampler.clone().unwrap_or_else(|| Sampler::ParentBased(Box::new(Sampler::AlwaysOn)));
        // The resource is the worker's business alone, and it hears of it when it begins.
        let resource = Resource::builder_empty().build();
        let builder = SdkTracerProvider::builder().with_resource(resource).with_sampler(sampler.clone());
        let limits = wanted.limits;
        let provider = builder
            .with_max_attributes_per_span(limits.attributes)
            .with_max_events_per_span(limits.events)
            .with_max_links_per_span(limits.links)
            .with_max_attributes_per_event(limits.event_attributes)
            .with_max_attributes_per_link(limits.link_attributes)
            .with_span_processor(queue.clone())
            .build();
        Ok(Self {
            worker,
            queue,
            sampler,
            limits,
            carriers: Arc::default(),
            provider,
            loss,
            place: collector.place(),
            protocol: collector.protocol,
        })
    }
}

impl Metrics {
    fn prepare(wanted: &Wanted, collector: &Collector) -> Result<Self, String> {
        let exporter = build::metrics(collector, wanted.temporality)?;
        let pushed = Pushed { exporter, bound: bound(collector), loss: Loss::of(Signal::Metrics) };
        Ok(Self { pushed, every: wanted.every, place: collector.place(), protocol: collector.protocol })
    }
}

/// gRPC runs on the server's runtime; HTTP blocks its thread.
fn bound(collector: &Collector) -> Option<Bound> {
    let within = collector.timeout + MARGIN;
    (collector.protocol == Protocol::Grpc).then(|| Bound { runtime: background::runtime(), within })
}
