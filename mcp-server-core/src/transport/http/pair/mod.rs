//! The transport of 2024-11-05, HTTP+SSE: one stream down, one endpoint for messages up. It is served beside the MCP
//! endpoint where a key turns it on, so that old clients can be moved one by one.
//!
//! All that a client is told goes down its one stream, so the stream is its session: neither outlives the other.

mod messages;
mod paths;
mod stream;

pub(super) use messages::post;
pub(crate) use paths::LEGACY_PATHS;
pub(super) use paths::{MESSAGES, STREAM};
pub(super) use stream::get;
