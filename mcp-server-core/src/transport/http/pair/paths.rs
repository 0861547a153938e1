//! Where the two endpoints are.

/// Where the stream is opened.
pub(in crate::transport::http) const STREAM: &str = "/sse";

/// Where messages go, as the stream's first event says.
pub(in crate::transport::http) const MESSAGES: &str = "/messages";

/// Both, for those who need to know where nothing else can be.
pub(crate) const LEGACY_PATHS: [&str; 2] = [STREAM, MESSAGES];
