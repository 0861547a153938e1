//! The configuration as the server uses it: typed, with its defaults.

use std::collections::BTreeMap;
use std::net::{Ipv4Addr, SocketAddr};
use std::time::Duration;

use super::choice::{LogFormat, SessionMode, Transport};
use super::limits::LimitSettings;
use super::observing::{AdminSettings, BudgetSettings, QualitySettings, TelemetrySettings};
use super::secrets::{BearerKey, SealSecret};

const MIB: usize = 1024 * 1024;
const MINUTE: Duration = Duration::from_mins(1);
const DAY: Duration = Duration::from_hours(24);

/// Everything that can be set about a server, checked as a whole before anything starts.
///
/// [`load`](super::load) reads it from a file, the environment and flags; each field is a key of the same name,
/// such as `http.addr`.
///
/// ```
/// use mcp_server_core::server::config::Config;
///
/// let config = Config::default();
/// assert_eq!(config.http.addr.to_string(), "127.0.0.1:8080");
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Config {
    /// What the server speaks over.
    pub transport: Transport,
    /// The HTTP endpoint.
    pub http: HttpSettings,
    /// What supervisors, balancers and operators ask.
    pub admin: AdminSettings,
    /// What is measured and traced.
    pub telemetry: TelemetrySettings,
    /// What callers may use.
    pub budget: BudgetSettings,
    /// What results are held against.
    pub quality: QualitySettings,
    /// The pipe to a parent process.
    pub stdio: StdioSettings,
    /// Bounds on every call.
    pub limits: LimitSettings,
    /// How schemas are published.
    pub schema: SchemaSettings,
    /// Sessions of clients that speak a revision with sessions.
    pub session: SessionSettings,
    /// Calls that run as tasks.
    pub task: TaskSettings,
    /// How long answers are remembered.
    pub idempotency: IdempotencySettings,
    /// Where sessions and streams are kept.
    pub store: StoreSettings,
    /// Who may call.
    pub auth: AuthSettings,
    /// What seals the state that clients carry.
    pub seal: SealSettings,
    /// What is set for single tools, by their names.
    pub tools: BTreeMap<String, ToolSettings>,
    /// What is logged and how.
    pub log: LogSettings,
    /// How the server ends.
    pub shutdown: ShutdownSettings,
    /// How long clients may keep lists.
    pub cache: CacheSettings,
}

/// The keys of `[http]`.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct HttpSettings {
    /// Where to listen.
    pub addr: SocketAddr,
    /// The path of the endpoint.
    pub path: String,
    /// Whether a public address may be served to anybody.
    pub public_without_authentication: bool,
    /// Values of `Host` accepted besides those of the loopback interface; `host`, `host:port` or `*.domain`.
    pub allowed_hosts: Vec<String>,
    /// Values of `Origin` accepted besides those of the loopback interface.
    pub allowed_origins: Vec<String>,
    /// Proxies whose `Forwarded` and `X-Forwarded-For` headers are believed: addresses, or networks such as `10.0.0.0/8`.
    pub trusted_proxies: Vec<String>,
    /// Open connections at most.
    pub max_connections: usize,
    /// Open connections of one peer address at most.
    pub max_connections_per_peer: usize,
    /// Time for the headers of a request to arrive.
    pub header_timeout: Duration,
    /// Time between two requests on one connection.
    pub idle_timeout: Duration,
    /// Time for the body of a request to arrive.
    pub body_timeout: Duration,
    /// Time without progress after which a reader that does not read is dropped.
    pub write_timeout: Duration,
    /// Bytes of a request's body at most.
    pub max_body: usize,
    /// Time between comments on a silent stream.
    pub keep_alive: Duration,
    /// Time after which an unfinished call's answer becomes a stream.
    pub stream_after: Duration,
    /// Whether the transport of 2024-11-05, HTTP with SSE, is served too.
    pub legacy_sse: bool,
    /// Time that a client is told to wait before it reconnects.
    pub sse_retry: Duration,
}

impl Default for HttpSettings {
    fn default() -> Self {
        Self {
            addr: SocketAddr::from((Ipv4Addr::LOCALHOST, 8080)),
            path: "/mcp".to_owned(),
            public_without_authentication: false,
            allowed_hosts: Vec::new(),
            allowed_origins: Vec::new(),
            trusted_proxies: Vec::new(),
            max_connections: 10_000,
            max_connections_per_peer: 5000,
            header_timeout: Duration::from_secs(10),
            idle_timeout: Duration::from_secs(75),
            body_timeout: Duration::from_secs(30),
            write_timeout: Duration::from_secs(30),
            max_body: 4 * MIB,
            keep_alive: Duration::from_secs(15),
            stream_after: Duration::from_secs(2),
            legacy_sse: false,
            sse_retry: Duration::from_secs(1),
        }
    }
}

/// The keys of `[stdio]`.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct StdioSettings {
    /// Bytes of one line at most.
    pub max_line: usize,
    /// Bytes of output that the client may leave unread. At the limit no more of its requests are read.
    pub max_unread: usize,
}

impl Default for StdioSettings {
    fn default() -> Self {
        Self { max_line: 4 * MIB, max_unread: MIB }
    }
}

/// The keys of `[schema]`.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct SchemaSettings {
    /// Whether published schemas say `additionalProperties: false` where unknown members are refused.
    pub publish_additional_properties: bool,
}

impl Default for SchemaSettings {
    fn default() -> Self {
        Self { publish_additional_properties: true }
    }
}

/// The keys of `[session]`.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct SessionSettings {
    /// Where sessions are.
    pub mode: SessionMode,
    /// Life of a session that is sealed into its id.
    pub sealed_for: Duration,
    /// Sessions at most.
    pub max: usize,
    /// Sessions of one principal at most.
    pub max_per_principal: usize,
    /// Time without a request after which a session ends.
    pub idle_timeout: Duration,
    /// Events kept for a stream that breaks off.
    pub resume_events: usize,
    /// Bytes kept for a stream that breaks off.
    pub resume_bytes: usize,
    /// Time for which they are kept.
    pub resume_for: Duration,
}

impl Default for SessionSettings {
    fn default() -> Self {
        Self {
            mode: SessionMode::default(),
            sealed_for: 24 * 60 * MINUTE,
            max: 10_000,
            max_per_principal: 1000,
            idle_timeout: 30 * MINUTE,
            resume_events: 256,
            resume_bytes: MIB,
            resume_for: 5 * MINUTE,
        }
    }
}

/// The keys of `[task]`.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct TaskSettings {
    /// Time for which a task is kept, from its creation on.
    pub ttl: Duration,
    /// Time for which a client may ask it to be kept.
    pub max_ttl: Duration,
    /// Time between two looks that a client is told to leave.
    pub poll_interval: Duration,
    /// Time of the work of a tool that sets none itself.
    pub timeout: Duration,
    /// Tasks kept at most.
    pub max: usize,
    /// Tasks of one principal kept at most.
    pub max_per_principal: usize,
    /// Times that the work is begun, if the processes that do it die.
    pub attempts: usize,
}

impl Default for TaskSettings {
    fn default() -> Self {
        Self {
            ttl: 120 * MINUTE,
            max_ttl: 24 * 60 * MINUTE,
            poll_interval: Duration::from_secs(1),
            timeout: 60 * MINUTE,
            max: 10_000,
            max_per_principal: 1000,
            attempts: 3,
        }
    }
}

/// The keys of `[idempotency]`.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct IdempotencySettings {
    /// Time for which the answer to a call with an idempotency key is remembered.
    pub keep: Duration,
    /// The same for a call without one, whose arguments are the key.
    pub keep_unkeyed: Duration,
}

impl Default for IdempotencySettings {
    fn default() -> Self {
        Self { keep: 24 * 60 * MINUTE, keep_unkeyed: 10 * MINUTE }
    }
}

/// The keys of `[store]`.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct StoreSettings {
    /// Which store: `memory:`, `sqlite:PATH` or `postgres://…`. Without it, [`Config::store_url`] decides.
    pub url: Option<String>,
    /// Time for one operation.
    pub timeout: Duration,
    /// Time without a sign of life after which a replica's work counts as lost.
    pub lease: Duration,
}

impl Default for StoreSettings {
    fn default() -> Self {
        Self { url: None, timeout: Duration::from_secs(2), lease: Duration::from_secs(6) }
    }
}

/// The keys of `[auth]`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct AuthSettings {
    /// The bearer keys that are accepted; none means that nobody is asked for one.
    pub keys: Vec<BearerKey>,
}

/// The keys of `[seal]`.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct SealSettings {
    /// The first seals, all open. With none, replicas agree on keys through their store; a store in memory has one that
    /// ends with the process.
    pub keys: Vec<SealSecret>,
    /// The age at which keys that replicas agreed on are replaced.
    pub rotate: Duration,
}

impl Default for SealSettings {
    fn default() -> Self {
        Self { keys: Vec::new(), rotate: 30 * DAY }
    }
}

/// The keys of `[tools.<name>]`; what is absent is as the tool declares it.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ToolSettings {
    /// Time of a call.
    pub timeout: Option<Duration>,
    /// Bytes of a result at most.
    pub max_result: Option<u64>,
    /// Calls at once at most.
    pub max_concurrency: Option<u32>,
    /// Equal calls after which an agent is told that it repeats itself; 0: never.
    pub repeats: Option<u32>,
    /// Whether the tool is served at all.
    pub enabled: bool,
}

impl Default for ToolSettings {
    fn default() -> Self {
        Self { timeout: None, max_result: None, max_concurrency: None, repeats: None, enabled: true }
    }
}

/// The keys of `[log]`.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct LogSettings {
    /// What is logged, such as `info` or `info,my_server=debug`. Without it `RUST_LOG` decides, then
    /// `info,opentelemetry=warn`.
    pub level: Option<String>,
    /// How it is written.
    pub format: LogFormat,
    /// Equal lines written within a minute; further ones are counted, and the count is a line. 0: all are written.
    ///
    /// It holds for warnings and errors, also the author's, and for what the framework tells at INFO.
    pub repeats: usize,
}

impl Default for LogSettings {
    fn default() -> Self {
        Self { level: None, format: LogFormat::default(), repeats: 5 }
    }
}

/// The keys of `[shutdown]`.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ShutdownSettings {
    /// Time between saying "not ready" and refusing work, for balancers to notice.
    pub lame_duck: Duration,
    /// Time for running calls to finish.
    pub grace: Duration,
}

impl Default for ShutdownSettings {
    fn default() -> Self {
        Self { lame_duck: Duration::ZERO, grace: Duration::from_secs(10) }
    }
}

/// The keys of `[cache]`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct CacheSettings {
    /// How long clients may keep lists and resources.
    pub ttl: Duration,
}
