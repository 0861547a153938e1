//! Spans and metrics to a collector, by OpenTelemetry's own protocol.
//!
//! A span of a message is written as bytes when it ends, and sent by a thread that adds nothing but a head, for there is one
//! for each call: the SDK's way makes some forty allocations of each. Metrics, which leave once a minute, go that way.

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
mod size;
mod worker;

pub(super) use out::{Otlp, Sending};
