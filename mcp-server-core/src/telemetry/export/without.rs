//! What stands for the way to a collector where the feature `otlp` is off: nothing goes there.

use std::sync::Arc;
use std::time::Duration;

use opentelemetry_sdk::Resource;
use opentelemetry_sdk::metrics::MeterProviderBuilder;

use super::{SpanLayer, Wanted};
use crate::telemetry::Meters;
use crate::telemetry::redact::Redactor;
use crate::telemetry::trace::Tracer;

/// Nothing.
#[derive(Debug, Default)]
pub(super) struct Otlp;

impl Otlp {
    pub(super) fn prepare(_: &Wanted, _: &Arc<Redactor>) -> (Self, Vec<String>) {
        (Self, Vec::new())
    }

    #[expect(clippy::unused_self, reason = "with the feature there may be one")]
    pub(super) fn tracer(&self) -> Option<Tracer> {
        None
    }

    #[expect(clippy::unused_self, reason = "with the feature there may be one")]
    pub(super) fn layer(&self) -> Option<SpanLayer> {
        None
    }

    #[expect(clippy::unused_self, reason = "with the feature there may be a queue")]
    pub(super) fn watch(&self, _: &Meters) {}

    #[expect(clippy::unused_self, reason = "with the feature they may be")]
    pub(super) fn measures(&self) -> bool {
        false
    }

    #[expect(clippy::unused_self, reason = "with the feature it is another")]
    pub(super) fn read(&mut self, builder: MeterProviderBuilder) -> (MeterProviderBuilder, Losses) {
        (builder, Losses)
    }

    #[expect(clippy::unused_self, reason = "with the feature it is used up")]
    pub(super) fn begin(self, _: Resource) -> Sending {
        Sending
    }
}

/// No losses.
#[derive(Debug)]
pub(super) struct Losses;

impl Losses {
    #[expect(clippy::unused_self, reason = "with the feature there may be some")]
    pub(super) fn count_with(&self, _: &Arc<Meters>) {}
}

/// Nothing on its way.
#[derive(Debug)]
pub(super) struct Sending;

impl Sending {
    #[expect(clippy::unused_self, reason = "with the feature it is used up")]
    pub(super) fn stop(self, _: Duration) {}
}
