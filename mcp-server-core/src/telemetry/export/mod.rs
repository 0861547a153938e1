//! The ways out of the process: OpenTelemetry's protocol to a collector, a page for Prometheus.

mod exporters;
mod page;
mod resource;

pub(crate) use exporters::Exporters;
pub(crate) use page::Page;
