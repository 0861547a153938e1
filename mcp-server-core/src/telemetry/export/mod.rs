//! The ways out of the process: OpenTelemetry's protocol to a collector, a page for Prometheus.

mod collector;
mod exporters;
mod history;
mod open_metrics;
#[cfg(feature = "otlp")]
mod otlp;
mod page;
mod resource;
mod span_layer;
mod variables;
mod wanted;
#[cfg(not(feature = "otlp"))]
mod without;

pub(crate) use exporters::{Exporters, Prepared};
pub(crate) use page::{Format, Page};
pub(crate) use span_layer::SpanLayer;
pub(crate) use variables::Wrong;
pub(crate) use wanted::Wanted;
