//! The limits of the transport, as the configuration set them.

use std::time::Duration;

use crate::peer::TrustedProxies;

/// The limits of connections, bodies and streams.
#[derive(Clone, Debug)]
pub(crate) struct HttpSettings {
    /// The endpoint's path.
    pub(crate) path: String,
    /// The proxies that say where a request came from.
    pub(crate) trusted_proxies: TrustedProxies,
    /// How many connections may be open.
    pub(crate) max_connections: usize,
    /// How many of them one peer may have.
    pub(crate) max_connections_per_peer: usize,
    /// How long a connection may be open between two requests.
    pub(crate) idle_timeout: Duration,
    /// How long a client may take to send a request's head.
    pub(crate) header_timeout: Duration,
    /// How long it may take to send the body.
    pub(crate) body_timeout: Duration,
    /// How long it may take to accept bytes that are written.
    pub(crate) write_timeout: Duration,
    /// How many bytes a body may have.
    pub(crate) max_body: usize,
    /// How often an idle stream says that it is alive.
    pub(crate) keep_alive: Duration,
    /// After how long a call without an answer turns into a stream.
    pub(crate) stream_after: Duration,
    /// How long a client is told to wait before it resumes a stream.
    pub(crate) sse_retry: Duration,
    /// Whether the HTTP+SSE transport of 2024-11-05 is served.
    pub(crate) legacy_sse: bool,
}

impl Default for HttpSettings {
    fn default() -> Self {
        Self {
            path: "/mcp".to_owned(),
            trusted_proxies: TrustedProxies::default(),
            max_connections: 10_000,
            max_connections_per_peer: 5000,
            idle_timeout: Duration::from_secs(75),
            header_timeout: Duration::from_secs(10),
            body_timeout: Duration::from_secs(30),
            write_timeout: Duration::from_secs(30),
            max_body: 4 << 20,
            keep_alive: Duration::from_secs(15),
            stream_after: Duration::from_secs(2),
            sse_retry: Duration::from_secs(1),
            legacy_sse: false,
        }
    }
}
