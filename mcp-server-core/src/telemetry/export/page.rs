//! The page that Prometheus scrapes.

use opentelemetry_prometheus::PrometheusExporter;
use prometheus::{Encoder as _, Registry, TextEncoder};

/// The metrics as text.
#[derive(Clone, Debug, Default)]
pub(crate) struct Page(Registry);

impl Page {
    /// The media type of the text (Prometheus text format 0.0.4).
    pub(crate) const MEDIA_TYPE: &str = prometheus::TEXT_FORMAT;

    /// What fills the page.
    pub(super) fn reader(&self) -> Option<PrometheusExporter> {
        let built =
            opentelemetry_prometheus::exporter().with_registry(self.0.clone()).scope_info_enabled(false).build();
        built.inspect_err(|error| tracing::warn!(target: "mcp_server", %error, "metrics cannot be scraped")).ok()
    }

    /// Everything as it is now.
    pub(crate) fn text(&self) -> Vec<u8> {
        let mut text = Vec::new();
        if let Err(error) = TextEncoder::new().encode(&self.0.gather(), &mut text) {
            tracing::warn!(target: "mcp_server", %error, "metrics cannot be written");
        }
        text
    }
}
