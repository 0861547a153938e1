//! An exporter of spans without credentials and personal data. It is not the call that pays for it: spans are cleaned on
//! the thread that sends them.

use std::sync::Arc;
use std::time::Duration;

use opentelemetry_sdk::Resource;
use opentelemetry_sdk::error::OTelSdkResult;
use opentelemetry_sdk::trace::{SpanData, SpanExporter};

use crate::telemetry::redact::Redactor;

/// Cleans spans before another exporter gets them.
#[derive(Debug)]
pub(super) struct Redacted<E> {
    exporter: E,
    redactor: Arc<Redactor>,
}

impl<E> Redacted<E> {
    /// Cleans for this exporter.
    pub(super) fn new(exporter: E, redactor: Arc<Redactor>) -> Self {
        Self { exporter, redactor }
    }
}

impl<E: SpanExporter> SpanExporter for Redacted<E> {
    fn export(&self, mut batch: Vec<SpanData>) -> impl Future<Output = OTelSdkResult> + Send {
        for span in &mut batch {
            self.redactor.span(span);
        }
        self.exporter.export(batch)
    }

    fn shutdown_with_timeout(&self, timeout: Duration) -> OTelSdkResult {
        self.exporter.shutdown_with_timeout(timeout)
    }

    fn shutdown(&self) -> OTelSdkResult {
        self.exporter.shutdown()
    }

    fn force_flush(&self) -> OTelSdkResult {
        self.exporter.force_flush()
    }

    fn set_resource(&mut self, resource: &Resource) {
        self.exporter.set_resource(resource);
    }
}
