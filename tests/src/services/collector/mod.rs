//! A collector that takes OpenTelemetry's protocol as it is on the wire, and shows a test what came.

mod arrived;
mod grpc;
mod http;
mod mood;
mod reading;
mod running;
mod tls;

pub use mood::Mood;
pub use reading::{Attributes, Point, SeenMetric, SeenSpan};
pub use running::Collector;
pub use tls::Tls;
