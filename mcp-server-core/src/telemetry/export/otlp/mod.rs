//! Spans and metrics to a collector, by OpenTelemetry's own protocol.

mod attempt;
mod authors;
mod build;
mod loss;
mod out;
mod pushed;
mod queue;
mod redacted;

pub(super) use out::{Otlp, Sending};
