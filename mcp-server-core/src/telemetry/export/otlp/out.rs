//! Everything that goes to a collector: made at the start, before anything is logged, and sent as soon as it is known who
//! sends it.

use std::sync::Arc;
use std::thread;
use std::time::Duration;

use opentelemetry::global;
use opentelemetry::trace::TracerProvider as _;
use opentelemetry_otlp::{MetricExporter, SpanExporter};
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::metrics::{MeterProviderBuilder, PeriodicReader};
use opentelemetry_sdk::trace::{SdkTracerProvider, TracerProviderBuilder};
use tokio::runtime::Handle;

use super::attempt::Bound;
use super::loss::Loss;
use super::pushed::Pushed;
use super::queue::{Worker, queue};
use super::redacted::Redacted;
use super::{authors, build};
use crate::telemetry::Meters;
use crate::telemetry::export::SpanLayer;
use crate::telemetry::export::collector::{Collector, Protocol};
use crate::telemetry::export::variables::Signal;
use crate::telemetry::export::wanted::Wanted;
use crate::telemetry::redact::Redactor;

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
    worker: Worker<Redacted<SpanExporter>>,
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
    /// Makes what is wanted, on the runtime of the server.
    ///
    /// # Errors
    /// Why it cannot be.
    pub(crate) fn prepare(wanted: &Wanted, redactor: &Arc<Redactor>) -> Result<Self, String> {
        let spans = wanted.traces.as_ref().map(|collector| Spans::prepare(wanted, collector, redactor)).transpose()?;
        let metrics = wanted.metrics.as_ref().map(|collector| Metrics::prepare(wanted, collector)).transpose()?;
        Ok(Self { spans, metrics })
    }

    /// What makes spans.
    pub(crate) fn tracer(&self) -> Option<&SdkTracerProvider> {
        self.spans.as_ref().map(|spans| &spans.provider)
    }

    /// What makes spans of what an author traces, and of queries.
    pub(crate) fn layer(&self) -> Option<SpanLayer> {
        let provider = self.tracer()?;
        Some(authors::layer(provider.tracer("tracing"), provider.tracer("mcp-server")))
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
        let thread = thread::Builder::new().name("spans".to_owned()).spawn(move || worker.run(&resource));
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
        let exporter = Redacted::new(build::spans(collector)?, Arc::clone(redactor));
        let (queue, worker) = queue(wanted.queue, exporter, bound(collector), Arc::clone(&loss));
        // The resource is the exporter's business alone, and it hears of it when it begins.
        let mut builder = SdkTracerProvider::builder().with_resource(Resource::builder_empty().build());
        if let Some(sampler) = wanted.sampler.clone() {
            builder = builder.with_sampler(sampler);
        }
        let limits = wanted.limits;
        builder = limits.attributes.into_iter().fold(builder, TracerProviderBuilder::with_max_attributes_per_span);
        builder = limits.events.into_iter().fold(builder, TracerProviderBuilder::with_max_events_per_span);
        builder = limits.links.into_iter().fold(builder, TracerProviderBuilder::with_max_links_per_span);
        let provider = builder.with_span_processor(queue).build();
        Ok(Self { provider, worker, loss, place: collector.place(), protocol: collector.protocol })
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
    (collector.protocol == Protocol::Grpc).then(|| Bound { runtime: Handle::current(), within })
}
