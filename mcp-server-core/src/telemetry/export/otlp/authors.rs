//! What others say by `tracing` becomes part of the trace: an author's span within a tool is a child of the message's
//! span, and so is a query of a database.

use opentelemetry_sdk::trace::SdkTracer;
use tracing::Metadata;
use tracing::level_filters::LevelFilter;
use tracing_subscriber::filter::filter_fn;
use tracing_subscriber::{Layer as _, Registry};

use crate::telemetry::Queries;
use crate::telemetry::export::SpanLayer;

/// The layer that makes spans of it. The parent of one that has none is the current context of OpenTelemetry.
pub(super) fn layer(authors: SdkTracer, queries: Queries) -> SpanLayer {
    let spans = tracing_opentelemetry::layer::<Registry>()
        .with_tracer(authors)
        .with_threads(false)
        .with_tracked_inactivity(false);
    // What is logged does not decide what is traced, and what is finer than this is not worth a span.
    let worth = filter_fn(|metadata| *metadata.level() <= LevelFilter::INFO && !is_ours(metadata));
    let spans = spans.with_filter(worth.with_max_level_hint(LevelFilter::INFO));
    Box::new(spans.and_then(queries.with_filter(filter_fn(Queries::wants))))
}

/// What this crate says of a message is on the message's span.
fn is_ours(metadata: &Metadata<'_>) -> bool {
    let (room, _) = metadata.target().split_once("::").unwrap_or((metadata.target(), ""));
    matches!(room, "mcp_server" | "mcp_server_core")
}
