//! The table of all keys; the README's table, the variables' names and the check for unknown keys come from it.

use super::key::{Key, Slot};

const NONE: (u64, u64) = (0, 0);
const MINUTE: u64 = 60_000;
const HOUR: u64 = 60 * MINUTE;
const DAY: u64 = 86_400_000;
const GIB: u64 = 1 << 30;
const MILLION: u64 = 1_000_000;

/// A key whose value lives in a field of the same name.
macro_rules! key {
    ($section:ident.$field:ident: $slot:ident, $bounds:expr, $meaning:literal) => {
        Key {
            name: concat!(stringify!($section), ".", stringify!($field)),
            bounds: $bounds,
            meaning: $meaning,
            slot: |config, _| Slot::$slot(&mut config.$section.$field),
        }
    };
}

/// A key of single tools.
macro_rules! tool_key {
    ($field:ident: $slot:ident, $bounds:expr, $meaning:literal) => {
        Key {
            name: concat!("tools.<name>.", stringify!($field)),
            bounds: $bounds,
            meaning: $meaning,
            slot: |config, tool| Slot::$slot(&mut config.tools.entry(tool.to_owned()).or_default().$field),
        }
    };
}

/// Every key, in the order in which people read about them.
pub(super) static KEYS: &[Key] = &[
    Key {
        name: "transport",
        bounds: NONE,
        meaning: "What the server speaks over; `--http` and `--stdio` set it too.",
        slot: |config, _| Slot::Choice(&mut config.transport),
    },
    key!(http.addr: Address, NONE, "Where to listen; port 0 takes any free one."),
    key!(http.path: Text, NONE, "Path of the endpoint."),
    key!(http.public_without_authentication: Flag, NONE,
        "Serve an address beyond the loopback interface to anybody, without keys."),
    key!(http.allowed_hosts: List, NONE,
        "Values of `Host` accepted besides the loopback ones: `host`, `host:port` or `*.domain`."),
    key!(http.allowed_origins: List, NONE,
        "Values of `Origin` accepted besides the loopback ones, such as `https://app.example.com`."),
    key!(http.trusted_proxies: List, NONE,
        "Proxies whose `Forwarded` and `X-Forwarded-For` are believed: addresses or networks, such as `10.0.0.0/8`."),
    key!(http.max_connections: Count, (1, MILLION),
        "Open connections at most; if all are taken, the one that has been idle longest is closed for a new one."),
    key!(http.max_connections_per_peer: Count, (1, MILLION),
        "Open connections of one address (IPv4) or /64 network (IPv6) at most; trusted proxies are not limited."),
    key!(http.header_timeout: Duration, (1, DAY),
        "Time for the head of a request to arrive; for the first one, from the connection on."),
    key!(http.idle_timeout: Duration, (1, DAY), "Time between two requests on one connection."),
    key!(http.body_timeout: Duration, (1, DAY), "Time for the body of a request to arrive."),
    key!(http.write_timeout: Duration, (1, DAY),
        "Time without progress after which a reader that does not read is dropped."),
    key!(http.max_body: Bytes, (1024, GIB), "Bytes of a request's body at most."),
    key!(http.keep_alive: Duration, (100, DAY), "Time between comments on a silent stream."),
    key!(http.stream_after: Duration, (0, DAY), "Time after which the answer of an unfinished call becomes a stream."),
    key!(http.legacy_sse: Flag, NONE, "Serve the HTTP+SSE transport of 2024-11-05 beside the endpoint."),
    key!(http.sse_retry: Duration, (0, DAY), "Time a client is told to wait before it takes up a stream again."),
    key!(admin.addr: OptionalAddress, NONE,
        "Where `/livez`, `/readyz`, `/metrics` and the operator page are served; unset: nowhere."),
    key!(admin.token: Secret, NONE,
        "What opens the operator page and details; unset: a token made at each start and told in the log."),
    key!(telemetry.enabled: Flag, NONE,
        "Whether anything is measured and traced; where to is said by the standard `OTEL_*` variables and `admin.addr`."),
    Key {
        name: "telemetry.tokens",
        bounds: NONE,
        meaning: "How the tokens of arguments and results are counted: an `estimate` from their bytes, `exact` by a tokenizer \
                  beside the calls, or `off`.",
        slot: |config, _| Slot::Choice(&mut config.telemetry.tokens),
    },
    key!(telemetry.arguments: Flag, NONE, "Whether spans carry the arguments of calls, and logs may repeat them; never what is secret."),
    key!(telemetry.results: Flag, NONE, "Whether spans carry the results of calls."),
    key!(telemetry.redact_personal: Flag, NONE,
        "Whether personal data is taken out of logs and spans, as credentials always are."),
    key!(telemetry.span_bytes: Bytes, (64 * 1024, GIB), "Bytes of spans that wait for a collector; more are dropped and counted."),
    key!(budget.window: Duration, (1000, 30 * DAY), "Time after which a budget is whole again."),
    key!(budget.calls_per_session: OptionalCount, (1, 100 * MILLION), "Tool calls of one session within the window."),
    key!(budget.tokens_per_session: OptionalCount, (1, 4000 * MILLION), "Tokens of one session within the window."),
    key!(budget.calls_per_principal: OptionalCount, (1, 100 * MILLION), "Tool calls of one principal within the window."),
    key!(budget.tokens_per_principal: OptionalCount, (1, 4000 * MILLION), "Tokens of one principal within the window."),
    key!(budget.calls_per_trace: OptionalCount, (1, 100 * MILLION), "Tool calls of one trace within the window."),
    key!(budget.tokens_per_trace: OptionalCount, (1, 4000 * MILLION), "Tokens of one trace within the window."),
    key!(budget.alert_at: Count, (1, 100), "Percent of a budget of which the operator is told."),
    key!(budget.repeats: Count, (0, MILLION),
        "Equal calls after which an agent is told that it repeats itself; 0: never."),
    key!(budget.repeat_window: Duration, (1000, DAY), "Time within which equal calls are counted."),
    key!(quality.enabled: Flag, NONE, "Whether results are held against the baseline of their tool."),
    key!(quality.tell: Flag, NONE, "Whether an agent is told in a result that it is empty, or smaller than is normal for the tool."),
    key!(quality.tell_slow: Flag, NONE, "Whether an agent is told in a result that the call was slow."),
    key!(quality.after: Count, (10, MILLION), "Results of a tool after which its baseline stands."),
    key!(stdio.max_line: Bytes, (1024, GIB), "Bytes of one message at most."),
    key!(stdio.max_unread: Bytes, (1024, GIB),
        "Bytes of output that the client may leave unread; at the limit no more of its requests are read."),
    key!(limits.in_flight: Count, (1, MILLION), "Requests in work at once at most."),
    key!(limits.timeout: Duration, (1, DAY), "Time of a tool call, for a tool that sets none."),
    key!(limits.max_result: Bytes, (1024, GIB), "Bytes of a tool's result at most, for a tool that sets none."),
    key!(limits.blocking_threads: Count, (1, 4096), "Threads for functions that are not async."),
    key!(limits.blocking_queue: Count, (0, MILLION), "Calls that may wait for such a thread."),
    key!(limits.blocking_threads_per_principal: Count, (1, 4096), "Such threads that one caller may use."),
    key!(limits.blocking_queue_per_principal: Count, (0, MILLION), "Calls of one caller that may wait for such a thread."),
    key!(limits.json_depth: Count, (8, 128), "Depth of nested JSON in a message at most."),
    key!(limits.json_values: Count, (10_000, 100 * MILLION), "JSON values in one message at most."),
    key!(limits.request_bytes: Bytes, (1024 * 1024, 64 * GIB),
        "Memory that all requests in progress may hold; over it a request is refused before its body is read."),
    key!(limits.request_bytes_per_principal: Bytes, (1024 * 1024, 64 * GIB),
        "Memory that the requests in progress of one caller may hold."),
    key!(limits.page_size: Count, (1, 10_000), "Entries in one page of a list; many hosts read the first page only."),
    key!(limits.page_bytes: Bytes, (1024, GIB), "Bytes of one page of a list, at which the page ends early."),
    key!(limits.input_rounds: Count, (1, 1000), "Times that one call may ask the client for input."),
    key!(limits.input_timeout: Duration, (1, DAY), "Time for the client to answer one question."),
    key!(limits.progress_heartbeat: Duration, (0, DAY),
        "Silence after which a client that gave a progress token is told that its call still runs; 0s: never."),
    key!(limits.subscriptions_per_principal: Count, (1, MILLION), "Open subscriptions of one principal at most."),
    key!(limits.uris_per_subscription: Count, (1, 100_000), "Resources in one subscription at most."),
    key!(limits.handles_per_principal: Count, (1, MILLION), "Open handles of one principal at most."),
    key!(limits.state_expires: Duration, (1000, 30 * DAY),
        "Life of the sealed state that a client carries between rounds."),
    key!(schema.publish_additional_properties: Flag, NONE,
        "Whether published schemas say `additionalProperties: false`. Unknown members are refused either way; set it to \
         false for hosts whose converters fail on the keyword, such as google-genai."),
    Key {
        name: "session.mode",
        bounds: NONE,
        meaning: "Where legacy sessions are: in the store, or `sealed` into their ids, which needs no store and cannot resume \
                  streams, ask clients or end early.",
        slot: |config, _| Slot::Choice(&mut config.session.mode),
    },
    key!(session.sealed_for: Duration, (1000, 365 * DAY), "Life of a sealed session, which use does not extend."),
    key!(session.max: Count, (1, 10 * MILLION), "Sessions at most."),
    key!(session.max_per_principal: Count, (1, 10 * MILLION), "Sessions of one principal at most."),
    key!(session.idle_timeout: Duration, (1000, 30 * DAY), "Time without a request after which a session ends."),
    key!(session.resume_events: Count, (0, 100_000), "Events kept for a stream that breaks off."),
    key!(session.resume_bytes: Bytes, (0, GIB), "Bytes kept for a stream that breaks off."),
    key!(session.resume_for: Duration, (0, DAY), "Time for which they are kept."),
    key!(task.ttl: Duration, (1000, 30 * DAY), "Time for which a task is kept, from its creation on."),
    key!(task.max_ttl: Duration, (1000, 30 * DAY), "Time for which a client may ask a task to be kept."),
    key!(task.poll_interval: Duration, (10, DAY), "Time between two looks at a task that a client is told to leave."),
    key!(task.timeout: Duration, (1, 30 * DAY), "Time of the work of a task, for a tool that sets none."),
    key!(task.max: Count, (1, 10 * MILLION), "Tasks kept at most."),
    key!(task.max_per_principal: Count, (1, MILLION), "Tasks of one principal kept at most."),
    key!(task.attempts: Count, (1, 100),
        "Times that the work of a tool that may be repeated is begun, if the processes that do it die."),
    key!(idempotency.keep: Duration, (1000, 365 * DAY),
        "Time for which the answer to a call with an idempotency key is remembered, for a tool that sets none."),
    key!(idempotency.keep_unkeyed: Duration, (1000, 365 * DAY),
        "The same for a call without a key: its arguments stand for one."),
    key!(store.url: Url, NONE,
        "`memory:`, `sqlite:PATH`, `postgres://…` or `redis://…`; unset: a file in the state folder for HTTP, else memory."),
    key!(store.timeout: Duration, (10, MINUTE),
        "Time for one operation of the store; what needs the store is refused as unavailable after it."),
    key!(store.lease: Duration, (100, HOUR),
        "Time without a sign of life after which other replicas take over what a replica worked on."),
    key!(auth.keys: BearerKeys, NONE,
        "Bearer keys that are accepted, each `{ id, hash, scopes, expires }`; `keygen` makes one."),
    key!(seal.keys: SealKeys, NONE,
        "Keys that seal the state clients carry, each `{ id, secret }`; the first seals, all open."),
    key!(seal.rotate: Duration, (HOUR, 365 * DAY),
        "Age at which replicas that agree on their keys through the store make a new one; they do if `seal.keys` is unset."),
    tool_key!(timeout: OptionalDuration, (1, DAY), "Time of a call of this tool."),
    tool_key!(max_result: OptionalBytes, (1024, GIB), "Bytes of this tool's result at most."),
    tool_key!(max_concurrency: OptionalCount, (1, 100_000), "Calls of this tool at once at most."),
    tool_key!(repeats: OptionalCount, (0, MILLION),
        "Equal calls of this tool after which an agent is told that it repeats itself; 0: never."),
    tool_key!(enabled: Flag, NONE, "Whether this tool is served at all."),
    key!(log.level: OptionalText, NONE,
        "What is logged, such as `info,my_server=debug`; unset: `RUST_LOG`, then `info,opentelemetry=warn`."),
    key!(log.format: Choice, NONE, "How it is written; `auto` is pretty on a terminal and JSON elsewhere."),
    key!(log.repeats: Count, (0, MILLION),
        "Equal warnings and errors written within a minute; further ones are counted in one line. 0: all are written."),
    key!(shutdown.lame_duck: Duration, (0, DAY), "Time between telling balancers to go and refusing work."),
    key!(shutdown.grace: Duration, (0, DAY), "Time for running calls to finish."),
    key!(cache.ttl: Duration, (0, 365 * DAY), "How long clients may keep lists and resources."),
];
