//! What an author traces with `tracing` becomes part of the trace: a span within a tool is a child of the message's span.

use opentelemetry::trace::TracerProvider as _;
use opentelemetry_sdk::trace::SdkTracerProvider;
use tracing::level_filters::LevelFilter;
use tracing::Metadata;
use tracing_subscriber::filter::filter_fn;
use tracing_subscriber::{Layer as _, Registry};

use crate::telemetry::export::SpanLayer;

/// The name under which the spans are found.
const SCOPE: &str = "tracing";

/// The layer that makes spans of them. The parent of one that has none is the current context of OpenTelemetry.
pub(super) fn layer(provider: &SdkTracerProvider) -> SpanLayer {
    let spans = tracing_opentelemetry::layer::<Registry>()
        .with_tracer(provider.tracer(SCOPE))
        .with_threads(false)
        .with_tracked_inactivity(false);
    // What is logged does not decide what is traced, and what is finer than this is not worth a span.
    let worth = filter_fn(|metadata| *metadata.level() <= LevelFilter::INFO && !is_ours(metadata));
    Box::new(spans.with_filter(worth.with_max_level_hint(LevelFilter::INFO)))
}

/// What this crate says of a message is on the message's span.
fn is_ours(metadata: &Metadata<'_>) -> bool {
    let (room, _) = metadata.target().split_once("::").unwrap_or((metadata.target(), ""));
    matches!(room, "mcp_server" | "mcp_server_core")
}
