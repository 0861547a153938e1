//! The page that Prometheus scrapes: as text 0.0.4, or as `OpenMetrics` with exemplars for whoever asks for that.

use std::convert::Infallible;
use std::sync::{Arc, OnceLock, Weak};
use std::time::SystemTime;

use opentelemetry_prometheus::PrometheusExporter;
use prometheus::proto::MetricFamily;
use prometheus::{Encoder as _, Registry, TextEncoder};

use super::history::{EVERY, History, Snapshot};
use super::open_metrics;
use crate::telemetry::Meters;

/// Our own attributes have this prefix, and labels lack it: the names of the metrics have it already.
const PREFIX: &str = "mcpserver_";

/// The metrics as text.
#[derive(Clone, Debug, Default)]
pub(crate) struct Page {
    registry: Registry,
    meters: Arc<OnceLock<Weak<Meters>>>,
    history: Arc<History>,
}

/// A form of the page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Format {
    /// The text format of Prometheus, 0.0.4.
    Text,
    /// `OpenMetrics` 1.0.0.
    OpenMetrics,
}

impl Format {
    /// Reads which form an `Accept` header asks for. Only a header that names `OpenMetrics` gets it, as its specification
    /// has it ("Protocol Negotiation").
    pub(crate) fn of(accept: Option<&str>) -> Self {
        let named = accept.into_iter().flat_map(|accept| accept.split(',')).filter_map(|range| {
            let mut parts = range.split(';').map(str::trim);
            let is_ours = parts.next()?.eq_ignore_ascii_case("application/openmetrics-text");
            let is_refused = parts.any(|part| {
                let weight = part.strip_prefix("q=").and_then(|weight| weight.trim().parse::<f32>().ok());
                weight.is_some_and(|weight| weight <= 0.0)
            });
            (is_ours && !is_refused).then_some(())
        });
        if named.count() > 0 { Self::OpenMetrics } else { Self::Text }
    }

    /// The media type.
    pub(crate) const fn media_type(self) -> &'static str {
        match self {
            Self::Text => prometheus::TEXT_FORMAT,
            Self::OpenMetrics => "application/openmetrics-text; version=1.0.0; charset=utf-8",
        }
    }
}

impl Page {
    /// What fills the page.
    pub(super) fn reader(&self) -> Option<PrometheusExporter> {
        let built =
            opentelemetry_prometheus::exporter().with_registry(self.registry.clone()).scope_info_enabled(false).build();
        built.inspect_err(|error| tracing::warn!(target: "mcp_server", %error, "metrics cannot be scraped")).ok()
    }

    /// Takes exemplars from these instruments.
    pub(super) fn exemplify(&self, meters: &Arc<Meters>) {
        self.meters.get_or_init(|| Arc::downgrade(meters));
    }

    /// Keeps what charts are drawn from, for as long as it is polled.
    pub(crate) async fn keep_history(&self) -> Infallible {
        loop {
            let text = self.text(Format::Text);
            self.history.keep(SystemTime::now(), &String::from_utf8_lossy(&text));
            tokio::time::sleep(EVERY).await;
        }
    }

    /// What charts can be drawn from, the oldest first.
    pub(crate) fn history(&self) -> Vec<Snapshot> {
        self.history.all()
    }

    /// Everything as it is now.
    pub(crate) fn text(&self, format: Format) -> Vec<u8> {
        let mut families = self.registry.gather();
        families.iter_mut().for_each(shorten);
        if format == Format::OpenMetrics {
            let meters = self.meters.get().and_then(Weak::upgrade);
            let exemplars = meters.map(|meters| meters.exemplars()).unwrap_or_default();
            return open_metrics::write(&families, &exemplars).into_bytes();
        }
        let mut text = Vec::new();
        if let Err(error) = TextEncoder::new().encode(&families, &mut text) {
            tracing::warn!(target: "mcp_server", %error, "metrics cannot be written");
        }
        text
    }
}

fn shorten(family: &mut MetricFamily) {
    for metric in family.mut_metric() {
        let mut labels = metric.take_label();
        for label in &mut labels {
            if let Some(short) = label.name().strip_prefix(PREFIX).map(str::to_owned) {
                label.set_name(short);
            }
        }
        labels.sort_by(|one, other| one.name().cmp(other.name()));
        metric.set_label(labels);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn openmetrics_is_for_whoever_names_it() {
        let prometheus = "application/openmetrics-text;version=1.0.0;q=0.5,text/plain;version=0.0.4;q=0.4,*/*;q=0.1";
        for (accept, format) in [
            (None, Format::Text),
            (Some("*/*"), Format::Text),
            (Some("text/plain"), Format::Text),
            (Some("application/openmetrics-text; version=1.0.0; q=0, text/plain"), Format::Text),
            (Some(prometheus), Format::OpenMetrics),
            (Some("text/plain, Application/OpenMetrics-Text"), Format::OpenMetrics),
        ] {
            assert_eq!(Format::of(accept), format, "{accept:?}");
        }
    }
}
