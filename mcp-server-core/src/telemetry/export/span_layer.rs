//! Where spans of an author's own are made.

use tracing_subscriber::{Layer, Registry};

/// The layer of a subscriber that makes spans of what an author traces.
pub(crate) type SpanLayer = Box<dyn Layer<Registry> + Send + Sync>;
