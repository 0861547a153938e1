//! Every instrument: what it measures, in what unit, by which attributes. The dashboards, the rules and the table in the
//! README come from here.

use super::semconv::attribute;

/// What an instrument is.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub enum Measures {
    /// How often something happened; it only grows.
    Counter,
    /// How much there is of something now.
    Gauge,
    /// How values are distributed over these upper bounds.
    Histogram(&'static [f64]),
}

/// An instrument.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct Instrument {
    /// Its name.
    pub name: &'static str,
    /// What it is.
    pub measures: Measures,
    /// The unit (UCUM); `{…}` counts things, and nothing stands for a state or a mixture.
    pub unit: &'static str,
    /// The attributes that its values may have.
    pub attributes: &'static [&'static str],
    /// What it measures, as a sentence.
    pub meaning: &'static str,
}

/// The buckets of the conventions, in seconds, and finer ones from 1 ms on: many tools answer within 10 ms.
pub const SECONDS: &[f64] =
    &[0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 30.0, 60.0, 120.0, 300.0];
const BRIEF: &[f64] = &[0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5];
const BYTES: &[f64] = &[64.0, 256.0, 1024.0, 4096.0, 16384.0, 65536.0, 262_144.0, 1_048_576.0, 4_194_304.0];
const ROWS: &[f64] = &[0.0, 1.0, 2.0, 5.0, 10.0, 20.0, 50.0, 100.0, 200.0, 500.0, 1000.0, 10_000.0];
const TOKENS: &[f64] = &[16.0, 64.0, 256.0, 1024.0, 4096.0, 16384.0, 65536.0, 262_144.0];

macro_rules! instruments {
    ($($constant:ident: $name:literal, $measures:expr, $unit:literal, [$($attribute:ident),*], $meaning:literal;)*) => {
        $(
            #[doc = $meaning]
            pub const $constant: Instrument = Instrument {
                name: $name,
                measures: $measures,
                unit: $unit,
                attributes: &[$(attribute::$attribute),*],
                meaning: $meaning,
            };
        )*

        /// All of them, in the order in which people read about them.
        pub const ALL: &[Instrument] = &[$($constant),*];
    };
}

instruments! {
    OPERATION_DURATION: "mcp.server.operation.duration", Measures::Histogram(SECONDS), "s",
        [METHOD, ERROR_TYPE, STATUS_CODE, TOOL, PROMPT, OPERATION, PROTOCOL_VERSION, TRANSPORT, NETWORK_PROTOCOL, NETWORK_VERSION],
        "Time from the receipt of a request or notification to its answer.";
    SESSION_DURATION: "mcp.server.session.duration", Measures::Histogram(SECONDS), "s",
        [ERROR_TYPE, PROTOCOL_VERSION, NETWORK_PROTOCOL],
        "Life of a session of a revision with sessions.";
    CLIENT_OPERATION_DURATION: "mcp.client.operation.duration", Measures::Histogram(SECONDS), "s",
        [METHOD, ERROR_TYPE, STATUS_CODE, PROTOCOL_VERSION, TRANSPORT, NETWORK_PROTOCOL, NETWORK_VERSION],
        "Time from sending a request to a client to its answer.";
    TOOL_CALLS: "mcpserver.tool.calls", Measures::Counter, "{call}", [TOOL, OUTCOME, KIND],
        "Tool calls by how they ended; kind says of a failed one why.";
    IN_FLIGHT: "mcpserver.tool.in_flight", Measures::Gauge, "{call}", [TOOL],
        "Tool calls that run now.";
    ARGUMENTS_SIZE: "mcpserver.tool.arguments.size", Measures::Histogram(BYTES), "By", [TOOL],
        "Bytes of the message that called a tool.";
    RESULT_SIZE: "mcpserver.tool.result.size", Measures::Histogram(BYTES), "By", [TOOL],
        "Bytes of the answer to a tool call.";
    RESULT_ROWS: "mcpserver.tool.result.rows", Measures::Histogram(ROWS), "{row}", [TOOL],
        "Rows of a result, where it has rows.";
    TOKENS_USED: "mcpserver.tool.tokens", Measures::Histogram(TOKENS), "{token}", [TOOL, TOKEN_TYPE, COUNTED],
        "Tokens of arguments (input) and results (output), estimated from bytes or counted by a tokenizer.";
    QUEUE_WAIT: "mcpserver.queue.wait", Measures::Histogram(BRIEF), "s", [TOOL],
        "Time that a call of a blocking function waited for a thread.";
    REFUSALS: "mcpserver.refusals", Measures::Counter, "{request}", [GUARD],
        "Requests that a guard turned away.";
    VALIDATION_FAILURES: "mcpserver.validation.failures", Measures::Counter, "{violation}", [TOOL, RULE],
        "Broken rules of schemas, in arguments and in results.";
    QUALITY_DEVIATIONS: "mcpserver.quality.deviations", Measures::Counter, "{result}", [TOOL, DEVIATION],
        "Results that are off the baseline of their tool.";
    QUALITY_BASELINE: "mcpserver.quality.baseline", Measures::Gauge, "", [TOOL, MEASURE],
        "The baseline of a tool: median rows, median bytes, median seconds and share of empty results.";
    QUALITY_RECENT: "mcpserver.quality.recent", Measures::Gauge, "", [TOOL, MEASURE, LAST],
        "Share of the last 10, 20 and 50 results of a tool, of all replicas, that failed, were empty, or were off the baseline.";
    UPSTREAM_ERRORS: "mcpserver.upstream.errors", Measures::Counter, "{call}", [TOOL, ERROR_TYPE, OUTCOME],
        "Tool calls in which a request sent with `send_traced` ended in an error, and how these calls ended.";
    LOOPS: "mcpserver.loops", Measures::Counter, "{call}", [TOOL],
        "Calls that repeated an earlier one too often, and whose agent was told so.";
    BUDGET_ALERTS: "mcpserver.budget.alerts", Measures::Counter, "{alert}", [SCOPE, MEASURE],
        "Budgets of calls or tokens of which most is spent.";
    SESSIONS_OPEN: "mcpserver.sessions.open", Measures::Gauge, "{session}", [],
        "Sessions that this process has in use.";
    CONNECTIONS: "mcpserver.connections", Measures::Gauge, "{connection}", [LISTENER, STATE],
        "Connections of a listener by what they do: running a request, idle, closing, or waiting for a place.";
    CONNECTIONS_MAX: "mcpserver.connections.max", Measures::Gauge, "{connection}", [LISTENER],
        "Connections that a listener serves at most.";
    CONNECTIONS_REFUSED: "mcpserver.connections.refused", Measures::Counter, "{connection}", [LISTENER, REASON],
        "Connections for which a listener had no place.";
    CONNECTIONS_ENDED: "mcpserver.connections.ended", Measures::Counter, "{connection}", [LISTENER, REASON],
        "Connections that the server ended, as a deadline had passed or another connection needed the place.";
    ACCEPT_FAILURES: "mcpserver.accept.failures", Measures::Counter, "{failure}", [LISTENER, REASON],
        "Connections that could not be accepted; reason says whether file descriptors were missing.";
    STREAMS_OPEN: "mcpserver.streams.open", Measures::Gauge, "{stream}", [],
        "Streams of events that are open to clients of this process.";
    TASKS: "mcpserver.tasks", Measures::Gauge, "{task}", [],
        "Tasks that this process works on.";
    THREADS_STUCK: "mcpserver.threads.stuck", Measures::Gauge, "{thread}", [TOOL],
        "Threads whose function still runs though its call has ended.";
    CAPACITY_USED: "mcpserver.capacity.used", Measures::Gauge, "", [CAPACITY],
        "How much of a bounded resource is in use, in its own unit: bytes for buffers, a count for places.";
    CAPACITY_LIMIT: "mcpserver.capacity.limit", Measures::Gauge, "", [CAPACITY],
        "How much of a bounded resource there is.";
    BACKGROUND_TASKS: "mcpserver.background.tasks", Measures::Gauge, "{task}", [BACKGROUND_TASK],
        "Background tasks and threads that run now, by name.";
    STORE_OPERATION_DURATION: "mcpserver.store.operation.duration", Measures::Histogram(BRIEF), "s",
        [ENGINE, STORE_OPERATION, ERROR_TYPE],
        "Time of an operation of the store; error.type says of a failed one why.";
    STORE_UP: "mcpserver.store.up", Measures::Gauge, "", [ENGINE],
        "1 while the store answers, else 0.";
    BUILD_INFO: "mcpserver.build.info", Measures::Gauge, "", [SERVICE_NAME, SERVICE_VERSION, FRAMEWORK_VERSION],
        "1; its attributes say which server this is, in which version, and which version of the framework serves it.";
    PROCESS_CPU: "process.cpu", Measures::Counter, "s", [],
        "Processor time of the process.";
    PROCESS_MEMORY: "process.resident_memory", Measures::Gauge, "By", [],
        "Resident memory of the process.";
    PROCESS_DESCRIPTORS: "process.open_fds", Measures::Gauge, "{descriptor}", [],
        "File descriptors that the process has open.";
    PROCESS_MOST_DESCRIPTORS: "process.max_fds", Measures::Gauge, "{descriptor}", [],
        "File descriptors that the process may have open.";
    PROCESS_START: "process.start_time", Measures::Gauge, "s", [],
        "When the process started, in seconds since 1970.";
    POOL_CONNECTIONS: "db.client.connection.count", Measures::Gauge, "{connection}", [POOL, POOL_STATE],
        "Connections of the pools that the author registered with `Server::pool`, idle and used.";
    POOL_MOST: "db.client.connection.max", Measures::Gauge, "{connection}", [POOL],
        "How many connections such a pool may have.";
    POOL_TIMEOUTS: "db.client.connection.timeouts", Measures::Counter, "{timeout}", [TOOL],
        "Calls that waited in vain for a connection of a pool.";
    READY: "mcpserver.ready", Measures::Gauge, "", [],
        "1 while the server should get requests, else 0.";
    TELEMETRY_DROPPED: "mcpserver.telemetry.dropped", Measures::Counter, "{item}", [SIGNAL, REASON],
        "Spans and metrics that could not be exported: the queue was full, or the exporter failed.";
}

impl Instrument {
    /// The name as Prometheus has it: of a histogram without `_bucket`, `_sum` and `_count`.
    ///
    /// ```
    /// use mcp_server_core::telemetry::instruments::{OPERATION_DURATION, TOOL_CALLS};
    ///
    /// assert_eq!(OPERATION_DURATION.prometheus(), "mcp_server_operation_duration_seconds");
    /// assert_eq!(TOOL_CALLS.prometheus(), "mcpserver_tool_calls_total");
    /// ```
    pub fn prometheus(&self) -> String {
        let mut name = self.name.replace('.', "_");
        let suffix = match self.unit {
            "s" => "_seconds",
            "By" => "_bytes",
            _ => "",
        };
        name.push_str(suffix);
        if self.measures == Measures::Counter {
            name.push_str("_total");
        }
        name
    }
}

/// An attribute as Prometheus has it: with underscores, and without the prefix of our own, which the metric has already.
///
/// ```
/// use mcp_server_core::telemetry::{instruments::label, semconv::attribute};
///
/// assert_eq!(label(attribute::TOOL), "gen_ai_tool_name");
/// assert_eq!(label(attribute::OUTCOME), "outcome");
/// ```
pub fn label(attribute: &str) -> String {
    attribute.strip_prefix("mcpserver.").unwrap_or(attribute).replace('.', "_")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_distinct_and_ours_stand_apart_from_the_conventions() {
        let mut names: Vec<&str> = ALL.iter().map(|instrument| instrument.name).collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), ALL.len());
        let spaces = ["mcpserver.", "mcp.", "process.", "db.client.connection."];
        assert!(names.iter().all(|name| spaces.iter().any(|space| name.starts_with(space))));
    }
}
