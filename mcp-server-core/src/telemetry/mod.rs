//! What is known of each message afterwards: names, instruments, traces.
//!
//! Every message has one record, which walks along with it; its end emits it as a log line, as values of the
//! [`instruments`] and as a span, under the names of [`semconv`].

mod client_request;
mod counting;
mod ending;
mod exemplars;
mod export;
mod failures;
mod handle;
pub mod instruments;
mod meters;
mod pools;
mod process;
pub(crate) mod propagation;
pub(crate) mod quality;
#[cfg(feature = "otlp")]
mod queries;
mod record;
pub(crate) mod redact;
mod redacting;
mod scope;
pub mod semconv;
mod span;
mod tokens;
mod trace;
mod upstreams;
mod wire;

pub(crate) use client_request::ClientRequest;
pub(crate) use counting::Counting;
pub(crate) use ending::Ending;
pub(crate) use export::{Exporters, Format, Page, Prepared, SpanLayer, Wanted, Wrong};
pub(crate) use failures::Failure;
pub(crate) use handle::Telemetry;
pub(crate) use meters::{Capacity, Meters, Reading};
pub use pools::ConnectionPool;
pub(crate) use pools::NamedPool;
#[cfg(feature = "otlp")]
pub(crate) use queries::Queries;
pub(crate) use record::CallRecord;
pub(crate) use redacting::Redacting;
pub(crate) use scope::Scope;
pub(crate) use tokens::{Bill, is_built_in as has_tokenizer};
pub(crate) use upstreams::Answered;
pub(crate) use wire::Wire;
