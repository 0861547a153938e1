//! Everything that leaves the process, from the start to the last flush.

use opentelemetry_sdk::metrics::SdkMeterProvider;

use super::page::Page;
use super::resource::resource;
use crate::telemetry::{Counting, Telemetry};

/// What takes metrics and spans out of the process.
#[derive(Debug)]
pub(crate) struct Exporters {
    telemetry: Telemetry,
    page: Option<Page>,
    meters: Option<SdkMeterProvider>,
}

impl Exporters {
    /// Starts what somebody asked for: a page, if there is to be one.
    pub(crate) fn start(name: &str, version: &str, replica: &str, scraped: bool, counting: Counting) -> Self {
        let page = scraped.then(Page::default);
        let meters = page.as_ref().and_then(Page::reader).map(|reader| {
            SdkMeterProvider::builder().with_resource(resource(name, version, replica)).with_reader(reader).build()
        });
        Self { telemetry: Telemetry::new(meters.as_ref(), None, counting), page, meters }
    }

    /// The handle to what measures.
    pub(crate) fn telemetry(&self) -> &Telemetry {
        &self.telemetry
    }

    /// The page, if there is one.
    pub(crate) fn page(&self) -> Option<&Page> {
        self.page.as_ref()
    }

    /// Sends what is left.
    pub(crate) fn stop(self) {
        self.telemetry.settle();
        if let Some(Err(error)) = self.meters.map(|provider| provider.shutdown()) {
            tracing::debug!(target: "mcp_server", %error, "the last metrics could not be exported");
        }
    }
}
