//! Spans and metrics to a collector, by OpenTelemetry's own protocol.
//!
//! A span of a message is written as bytes when it ends, and sent by a thread that adds nothing but a head: together that is
//! a third of what the SDK's exporter costs. Metrics, which leave once a minute, are the SDK's business.

mod attempt;
mod authors;
mod batch;
mod body;
mod build;
mod encode;
mod grpc;
mod http;
mod loss;
mod out;
mod protobuf;
mod pushed;
mod queue;
mod refusal;
mod sender;
mod worker;

pub(super) use out::{Otlp, Sending};
