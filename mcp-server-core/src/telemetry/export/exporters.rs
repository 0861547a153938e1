//! Everything that leaves the process, from the start to the last flush.

use std::sync::Arc;
use std::thread;
use std::time::Duration;

use opentelemetry::global;
use opentelemetry::propagation::TextMapCompositePropagator;
use opentelemetry_sdk::metrics::SdkMeterProvider;
use opentelemetry_sdk::propagation::{BaggagePropagator, TraceContextPropagator};

#[cfg(feature = "otlp")]
use super::otlp::{Otlp, Sending};
use super::page::Page;
use super::resource::resource;
#[cfg(not(feature = "otlp"))]
use super::without::{Otlp, Sending};
use super::{SpanLayer, Wanted};
use crate::telemetry::redact::Redactor;
use crate::telemetry::{Counting, Telemetry};

/// How long the last metrics and spans may take, both together.
const LAST: Duration = Duration::from_secs(5);

/// What is to take metrics and spans out of the process.
#[derive(Debug)]
pub(crate) struct Prepared {
    otlp: Otlp,
    disabled: bool,
}

/// What takes metrics and spans out of the process.
#[derive(Debug)]
pub(crate) struct Exporters {
    telemetry: Telemetry,
    page: Option<Page>,
    meters: Option<SdkMeterProvider>,
    sending: Sending,
}

impl Prepared {
    /// Makes what is wanted; nothing is sent yet.
    ///
    /// # Errors
    /// Why it cannot be, as a line for whoever configured it.
    pub(crate) fn new(wanted: &Wanted, redactor: &Arc<Redactor>) -> Result<Self, String> {
        Ok(Self { otlp: Otlp::prepare(wanted, redactor)?, disabled: wanted.disabled })
    }

    /// What makes spans of what an author traces, if somebody takes them.
    pub(crate) fn layer(&self) -> Option<SpanLayer> {
        self.otlp.layer()
    }

    /// Starts, for a server of this name; with a page, if somebody can read it.
    pub(crate) fn start(
        mut self,
        name: &str,
        version: &str,
        replica: &str,
        scraped: bool,
        counting: Counting,
    ) -> Exporters {
        if !self.disabled {
            // An author's own clients pass traces on as this server does.
            let (context, baggage) = (TraceContextPropagator::new(), BaggagePropagator::new());
            global::set_text_map_propagator(TextMapCompositePropagator::new(vec![
                Box::new(context),
                Box::new(baggage),
            ]));
        }
        let resource = resource(name, version, replica);
        let page = (scraped && !self.disabled).then(Page::default);
        let reader = page.as_ref().and_then(Page::reader);
        let measures = reader.is_some() || self.otlp.measures();
        let mut builder = SdkMeterProvider::builder().with_resource(resource.clone());
        if let Some(reader) = reader {
            builder = builder.with_reader(reader);
        }
        let (builder, losses) = self.otlp.read(builder);
        let meters = measures.then(|| builder.build());
        let telemetry = Telemetry::new(meters.as_ref(), self.otlp.tracer(), counting);
        if let (Some(provider), Some(meters)) = (&meters, telemetry.meters()) {
            global::set_meter_provider(provider.clone());
            losses.count_with(meters);
        }
        Exporters { telemetry, page, meters, sending: self.otlp.begin(resource) }
    }
}

impl Exporters {
    /// The handle to what measures.
    pub(crate) fn telemetry(&self) -> &Telemetry {
        &self.telemetry
    }

    /// The page, if there is one.
    pub(crate) fn page(&self) -> Option<&Page> {
        self.page.as_ref()
    }

    /// Sends what is left, within a few seconds.
    pub(crate) fn stop(self) {
        self.telemetry.settle();
        let Self { meters, sending, .. } = self;
        thread::scope(|both| {
            both.spawn(|| sending.stop(LAST));
            if let Some(Err(error)) = meters.map(|provider| provider.shutdown_with_timeout(LAST)) {
                tracing::debug!(target: "mcp_server", %error, "the last metrics could not be exported");
            }
        });
    }
}
