//! Everything that leaves the process, from the start to the last flush.

use std::sync::Arc;
use std::thread;
use std::time::Duration;

use opentelemetry::global;
use opentelemetry::propagation::{TextMapCompositePropagator, TextMapPropagator};
use opentelemetry_sdk::metrics::SdkMeterProvider;
use opentelemetry_sdk::propagation::{BaggagePropagator, TraceContextPropagator};

#[cfg(feature = "otlp")]
use super::otlp::{Otlp, Sending};
use super::page::Page;
use super::resource::{Identity, resource};
#[cfg(not(feature = "otlp"))]
use super::without::{Otlp, Sending};
use super::{SpanLayer, Wanted};
use crate::telemetry::propagation::{self, Carries};
use crate::telemetry::redact::Redactor;
use crate::telemetry::{Counting, Telemetry};

/// How long the last metrics and spans may take, both together.
const LAST: Duration = Duration::from_secs(5);

/// What is to take metrics and spans out of the process.
#[derive(Debug)]
pub(crate) struct Prepared {
    otlp: Otlp,
    problems: Vec<String>,
    disabled: bool,
    identity: Identity,
    carries: Carries,
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
    /// Makes what is wanted; nothing is sent yet. A signal that cannot be exported as the variables say is not exported.
    pub(crate) fn new(wanted: &Wanted, redactor: &Arc<Redactor>) -> Self {
        let (otlp, problems) = Otlp::prepare(wanted, redactor);
        Self { otlp, problems, disabled: wanted.disabled, identity: wanted.identity.clone(), carries: wanted.carries }
    }

    /// Why signals are not exported that the variables ask for, one line each.
    pub(crate) fn problems(&self) -> &[String] {
        &self.problems
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
            propagation::set(self.carries);
            global::set_text_map_propagator(propagators(self.carries));
        }
        let resource = resource(name, version, replica, &self.identity);
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
            self.otlp.watch(meters);
            meters.watch_process(name, version);
            if let Some(page) = &page {
                page.exemplify(meters);
            }
        }
        Exporters { telemetry, page, meters, sending: self.otlp.begin(resource) }
    }
}

/// What an author's own clients pass on, as this server does.
fn propagators(carries: Carries) -> TextMapCompositePropagator {
    let mut all: Vec<Box<dyn TextMapPropagator + Send + Sync>> = Vec::new();
    if carries.trace {
        all.push(Box::new(TraceContextPropagator::new()));
    }
    if carries.baggage {
        all.push(Box::new(BaggagePropagator::new()));
    }
    TextMapCompositePropagator::new(all)
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
