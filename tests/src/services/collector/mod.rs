//! A collector that takes OpenTelemetry's protocol as it is on the wire, and shows a test what came.

mod arrived;
mod grpc;
mod http;
mod reading;
mod running;
mod tls;

pub use reading::{Attributes, Point, SeenMetric, SeenSpan};
pub use running::{Collector, Mood};
pub use tls::Tls;
