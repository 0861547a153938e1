//! The names of everything that is told: OpenTelemetry's conventions for MCP, and our own under `mcpserver.*`.
//!
//! The conventions are those of `open-telemetry/semantic-conventions-genai`, `docs/gen-ai/mcp.md` (status Development);
//! they are repeated here because no crate carries them in a state that compiles without warnings.

/// The name under which the server's own instruments and spans are found.
pub const SCOPE: &str = "mcp-server";

/// Attributes of the conventions.
pub mod attribute {
    /// The method of the message.
    pub const METHOD: &str = "mcp.method.name";
    /// The revision that is spoken.
    pub const PROTOCOL_VERSION: &str = "mcp.protocol.version";
    /// The session of a legacy client; never set for a modern one.
    pub const SESSION_ID: &str = "mcp.session.id";
    /// The URI of the resource, on spans.
    pub const RESOURCE_URI: &str = "mcp.resource.uri";
    /// The id of the request, as text.
    pub const REQUEST_ID: &str = "jsonrpc.request.id";
    /// Why it failed: a code, `tool_error`, an HTTP status or `_OTHER`.
    pub const ERROR_TYPE: &str = "error.type";
    /// The code of a JSON-RPC error that was sent.
    pub const STATUS_CODE: &str = "rpc.response.status_code";
    /// The tool.
    pub const TOOL: &str = "gen_ai.tool.name";
    /// The prompt.
    pub const PROMPT: &str = "gen_ai.prompt.name";
    /// What the message does in the words of generative AI: `execute_tool` on tool calls.
    pub const OPERATION: &str = "gen_ai.operation.name";
    /// The arguments of a call; only where the configuration wants them.
    pub const ARGUMENTS: &str = "gen_ai.tool.call.arguments";
    /// The result of a call; only where the configuration wants it.
    pub const RESULT: &str = "gen_ai.tool.call.result";
    /// Which way tokens go: `input` or `output`.
    pub const TOKEN_TYPE: &str = "gen_ai.token.type";
    /// `pipe` or `tcp`.
    pub const TRANSPORT: &str = "network.transport";
    /// `http` over HTTP; not set over stdio.
    pub const NETWORK_PROTOCOL: &str = "network.protocol.name";
    /// `1.1` or `2` over HTTP.
    pub const NETWORK_VERSION: &str = "network.protocol.version";
    /// The method of an HTTP request to somebody else.
    pub const HTTP_METHOD: &str = "http.request.method";
    /// The status that it was answered with.
    pub const HTTP_STATUS: &str = "http.response.status_code";
    /// Where a request to somebody else goes.
    pub const SERVER_ADDRESS: &str = "server.address";
    /// Its port.
    pub const SERVER_PORT: &str = "server.port";
    /// The database system, such as `postgresql`.
    pub const DB_SYSTEM: &str = "db.system.name";
    /// What a query does, in a few words without values.
    pub const DB_SUMMARY: &str = "db.query.summary";
    /// How many rows a query returned.
    pub const DB_ROWS: &str = "db.response.returned_rows";

    /// The pool that a connection belongs to.
    pub const POOL: &str = "db.client.connection.pool.name";
    /// `idle` or `used`.
    pub const POOL_STATE: &str = "db.client.connection.state";
    /// The server.
    pub const SERVICE_NAME: &str = "service.name";
    /// Its version.
    pub const SERVICE_VERSION: &str = "service.version";
    /// The version of the framework.
    pub const FRAMEWORK_VERSION: &str = "mcpserver.framework.version";

    /// How a call ended: one of [`outcome`](super::outcome).
    pub const OUTCOME: &str = "mcpserver.outcome";
    /// The kind of a failure: one of [`ErrorKind`](crate::tool::ErrorKind).
    pub const KIND: &str = "mcpserver.kind";
    /// The id that the agent was told, under which the log has the cause; on spans of failed calls.
    pub const REFERENCE: &str = "mcpserver.reference";
    /// Which guard refused.
    pub const GUARD: &str = "mcpserver.guard";
    /// Which rule of a schema was broken.
    pub const RULE: &str = "mcpserver.rule";
    /// Whether tokens were counted or estimated: `exact` or `estimate`.
    pub const COUNTED: &str = "mcpserver.counted";
    /// How a result is off its tool's baseline.
    pub const DEVIATION: &str = "mcpserver.deviation";
    /// Which figure of a baseline.
    pub const MEASURE: &str = "mcpserver.measure";
    /// How many of the last results: one of [`recent::WINDOWS`](super::recent::WINDOWS).
    pub const LAST: &str = "mcpserver.last";
    /// The engine of the store.
    pub const ENGINE: &str = "mcpserver.engine";
    /// The operation of the store.
    pub const STORE_OPERATION: &str = "mcpserver.operation";
    /// The state of a task.
    pub const STATUS: &str = "mcpserver.status";
    /// Whose budget: `session`, `principal` or `trace`.
    pub const SCOPE: &str = "mcpserver.scope";
    /// Which bounded resource, such as `request_bytes`.
    pub const CAPACITY: &str = "mcpserver.capacity.name";
    /// Which kind of background task, such as `lock_release`.
    pub const BACKGROUND_TASK: &str = "mcpserver.background.task";
    /// What was dropped: `traces` or `metrics`.
    pub const SIGNAL: &str = "mcpserver.signal";
    /// Why it was dropped, refused or ended.
    pub const REASON: &str = "mcpserver.reason";
    /// Which listener: `mcp` or `admin`.
    pub const LISTENER: &str = "mcpserver.listener";
    /// The state of a connection: one of [`connection_state`](super::connection_state).
    pub const STATE: &str = "mcpserver.connection.state";
}

/// How a tool call can end, as the values of [`attribute::OUTCOME`].
pub mod outcome {
    /// With data.
    pub const COMPLETE: &str = "complete";
    /// With nothing, and the reason for it.
    pub const EMPTY: &str = "empty";
    /// With a part.
    pub const PARTIAL: &str = "partial";
    /// With questions to the client.
    pub const INPUT_REQUIRED: &str = "input_required";
    /// With a task that goes on.
    pub const TASK: &str = "task";
    /// With a tool error.
    pub const FAILED: &str = "failed";
    /// With a protocol error.
    pub const REFUSED: &str = "refused";
    /// It was taken in, and wanted no answer.
    pub const ACCEPTED: &str = "accepted";
    /// It was given up before its end.
    pub const CANCELLED: &str = "cancelled";

    /// All of them.
    pub const ALL: [&str; 9] = [COMPLETE, EMPTY, PARTIAL, INPUT_REQUIRED, TASK, FAILED, REFUSED, ACCEPTED, CANCELLED];
}

/// The figures of a tool's baseline, as the values of [`attribute::MEASURE`].
pub mod baseline {
    /// Rows of a result in the middle of all.
    pub const ROWS: &str = "rows_median";
    /// Its bytes.
    pub const BYTES: &str = "bytes_median";
    /// The seconds that it took.
    pub const SECONDS: &str = "seconds_median";
    /// The share of results that are empty, 0 to 1.
    pub const EMPTY: &str = "empty_ratio";
}

/// What the last results of a tool were, as the values of [`attribute::MEASURE`].
pub mod recent {
    /// The share of calls that failed, and not by their caller's fault.
    pub const FAILED: &str = "failed";
    /// The share of results that are empty.
    pub const EMPTY: &str = "empty";
    /// The share of results that are off the baseline of the tool.
    pub const OFF: &str = "off";

    /// How many of the last results are looked at, and the values of [`attribute::LAST`](super::attribute::LAST).
    pub const WINDOWS: [(usize, &str); 3] = [(10, "10"), (20, "20"), (50, "50")];
}

/// What a connection does, as the values of [`attribute::STATE`].
pub mod connection_state {
    /// A request is running on it.
    pub const RUNNING: &str = "running";
    /// It waits for a request.
    pub const IDLE: &str = "idle";
    /// It is about to be closed.
    pub const CLOSING: &str = "closing";
    /// It was accepted, and waits for a place.
    pub const WAITING: &str = "waiting";
}

/// Why a connection was refused or ended by the server, as the values of [`attribute::REASON`].
pub mod connection_end {
    /// Every place is taken by a connection at work.
    pub const FULL: &str = "full";
    /// The peer has its share of connections.
    pub const PEER: &str = "peer";
    /// The process has no file descriptors left.
    pub const DESCRIPTORS: &str = "descriptors";
    /// A request head did not arrive in time.
    pub const HEADER_TIMEOUT: &str = "header_timeout";
    /// No request came.
    pub const IDLE_TIMEOUT: &str = "idle_timeout";
    /// Another connection needed the place.
    pub const EVICTED: &str = "evicted";
    /// The server is about to end.
    pub const DRAINING: &str = "draining";
    /// Another failure of the system.
    pub const OTHER: &str = "other";
}

/// The guards, as the values of [`attribute::GUARD`].
pub mod guard {
    /// The `Host` or the `Origin` of a request is foreign.
    pub const ORIGIN: &str = "origin";
    /// No credentials, or none that are accepted.
    pub const TOKEN: &str = "token";
    /// Too many bytes, or too late.
    pub const BODY: &str = "body";
    /// The requests in progress hold too many bytes.
    pub const REQUEST_BYTES: &str = "request_bytes";
    /// A message holds too many JSON values.
    pub const JSON_VALUES: &str = "json_values";
    /// The caller lacks scopes.
    pub const SCOPE: &str = "scope";
    /// A budget is spent.
    pub const BUDGET: &str = "budget";
    /// A task was asked for where there is none, or none where it must be one.
    pub const TASK: &str = "task";
    /// The state that a client brought back does not open.
    pub const STATE: &str = "state";
    /// Too many calls at once.
    pub const CONCURRENCY: &str = "concurrency";
    /// No thread for a blocking function, nor a place in the queue.
    pub const QUEUE: &str = "queue";
    /// Arguments that are no object, or too deep.
    pub const JSON: &str = "json";
    /// Headers that do not repeat the arguments.
    pub const HEADERS: &str = "headers";
    /// Arguments that break the schema.
    pub const SCHEMA: &str = "schema";
    /// A key that belongs to other arguments.
    pub const IDEMPOTENCY: &str = "idempotency";
    /// Too many sessions.
    pub const SESSIONS: &str = "sessions";
    /// Too many subscriptions.
    pub const SUBSCRIPTIONS: &str = "subscriptions";

    /// All of them.
    pub const ALL: [&str; 17] = [
        ORIGIN,
        TOKEN,
        BODY,
        REQUEST_BYTES,
        JSON_VALUES,
        SCOPE,
        BUDGET,
        TASK,
        STATE,
        CONCURRENCY,
        QUEUE,
        JSON,
        HEADERS,
        SCHEMA,
        IDEMPOTENCY,
        SESSIONS,
        SUBSCRIPTIONS,
    ];
}

/// The value of [`attribute::ERROR_TYPE`] for a tool that failed.
pub const TOOL_ERROR: &str = "tool_error";

/// The value of [`attribute::NETWORK_PROTOCOL`] over HTTP.
pub const HTTP: &str = "http";

/// The value of [`attribute::ERROR_TYPE`] where nothing better is known.
pub const OTHER: &str = "_OTHER";

/// The value of [`attribute::OPERATION`] on tool calls.
pub const EXECUTE_TOOL: &str = "execute_tool";

/// Whether a JSON-RPC code is the caller's fault: it is told, and makes no error of the span.
pub const fn is_callers_fault(code: i64) -> bool {
    matches!(code, -32700 | -32600 | -32601 | -32602 | -32002)
}

/// The kinds of failure that are the caller's own: told to it, and no failure of the server in rules and dashboards.
///
/// ```
/// use mcp_server_core::telemetry::semconv::{CALLERS_KINDS, DEFECT_KINDS};
/// use mcp_server_core::tool::ErrorKind;
///
/// for word in CALLERS_KINDS.into_iter().chain(DEFECT_KINDS) {
///     let kind: ErrorKind = serde_json::from_value(word.into())?;
///     assert_eq!(kind.as_str(), word);
///     assert_eq!(kind.is_callers_fault(), CALLERS_KINDS.contains(&word));
/// }
/// # Ok::<(), serde_json::Error>(())
/// ```
pub const CALLERS_KINDS: [&str; 6] =
    ["invalid_argument", "not_found", "conflict", "permission_denied", "budget_exhausted", "cancelled"];

/// The kinds that a fault in the tool or in its configuration makes: no wait mends them.
pub const DEFECT_KINDS: [&str; 5] =
    ["invalid_output", "unexplained_empty", "upstream_rejected", "misconfigured", "internal"];
