//! Metrics on their way: an export that fails is counted.

use std::sync::Arc;
use std::time::Duration;

use opentelemetry_sdk::error::OTelSdkResult;
use opentelemetry_sdk::metrics::Temporality;
use opentelemetry_sdk::metrics::data::ResourceMetrics;
use opentelemetry_sdk::metrics::exporter::PushMetricExporter;

use super::attempt::{Bound, attempt};
use super::loss::{Loss, Reason};

/// An exporter whose failures are counted. What it could not export is part of the next export, unless the collector
/// wants only what is new.
#[derive(Debug)]
pub(super) struct Pushed<E> {
    pub(super) exporter: E,
    pub(super) bound: Option<Bound>,
    pub(super) loss: Arc<Loss>,
}

impl<E: PushMetricExporter> PushMetricExporter for Pushed<E> {
    async fn export(&self, metrics: &ResourceMetrics) -> OTelSdkResult {
        let exported = attempt(self.bound.as_ref(), self.exporter.export(metrics)).await;
        if let Err(error) = &exported {
            self.loss.add(Reason::ExportFailed, 1);
            self.loss.tell(&error.to_string());
        }
        exported
    }

    fn force_flush(&self) -> OTelSdkResult {
        self.exporter.force_flush()
    }

    fn shutdown_with_timeout(&self, timeout: Duration) -> OTelSdkResult {
        self.exporter.shutdown_with_timeout(timeout)
    }

    fn temporality(&self) -> Temporality {
        self.exporter.temporality()
    }
}
