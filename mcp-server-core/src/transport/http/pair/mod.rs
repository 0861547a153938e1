//! The transport of 2024-11-05, HTTP+SSE: one stream down, one endpoint for messages up. It is served beside the MCP
//! endpoint where a key turns it on, so that old clients can be moved one by one.
//!
//! All that a client is told goes down its one stream, so the stream is its session: neither outlives the other.

mod link;
mod messages;
mod stream;

pub(super) use link::Links;
pub(super) use messages::post;
pub(super) use stream::get;

/// Where the stream is opened.
pub(super) const STREAM: &str = "/sse";

/// Where messages go, as the stream's first event says.
pub(super) const MESSAGES: &str = "/messages";
