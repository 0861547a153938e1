//! The page of metrics and the table of instruments say the same.

use std::collections::BTreeSet;

use mcp_server_core::telemetry::instruments::{self, Instrument, Measures, label};
use mcp_server_tests::{Metrics, Server, call, initialize, legacy, modern, notification};
use serde_json::{Value, json};

use super::labels::EVERYTHING;
use super::shop::{self, look};
use super::warehouse::Warehouse;

/// What appears only when somebody asks for it, or when something goes wrong that this test does not bring about.
const NEEDS_MORE: [&str; 11] = [
    instruments::QUALITY_DEVIATIONS.name,
    instruments::QUALITY_BASELINE.name,
    instruments::QUALITY_RECENT.name,
    instruments::UPSTREAM_ERRORS.name,
    instruments::POOL_CONNECTIONS.name,
    instruments::POOL_MOST.name,
    instruments::POOL_TIMEOUTS.name,
    instruments::CONNECTIONS_REFUSED.name,
    instruments::CONNECTIONS_ENDED.name,
    instruments::ACCEPT_FAILURES.name,
    instruments::TELEMETRY_DROPPED.name,
];

/// A session in which the server asks its client something, and in which the client repeats itself.
fn legacy_session(server: &Server) {
    let session = server.connect().ask(&initialize("2025-11-25"), &[]).headers["mcp-session-id"].clone();
    let header = [("Mcp-Session-Id", session.as_str())];
    server.connect().ask(&notification("notifications/initialized", json!({})), &header);
    let mut connection = server.connect();
    let asking = legacy(1, "tools/call", json!({ "name": "test_elicitation", "arguments": { "message": "Well?" } }));
    connection.post(&asking, &header);
    connection.head();
    let text = connection.read_until("elicitation/create");
    let question =
        text.lines().filter_map(|line| line.strip_prefix("data: ")).find(|data| data.contains("elicitation/create"));
    let question: Value = serde_json::from_str(question.expect("it was read whole")).unwrap();
    let answer = json!({ "jsonrpc": "2.0", "id": question["id"], "result": { "action": "decline" } });
    assert_eq!(server.connect().ask(&answer, &header).status, 202);
    while connection.piece().is_some() {}
    for id in 2..5 {
        server.connect().ask(&legacy(id, "tools/call", json!({ "name": "effects", "arguments": {} })), &header);
    }
    let mut connection = server.connect();
    connection.send("DELETE", "/mcp", &header, b"");
    connection.reply();
}

/// A bit of everything, on a server that has a bit of everything.
fn everything() -> Metrics {
    let settings = [
        "admin.addr=127.0.0.1:0",
        "tools.block.timeout=200ms",
        "budget.repeats=2",
        "budget.calls_per_principal=100",
        "budget.alert_at=1",
    ];
    let server = Server::start(EVERYTHING, &settings);
    legacy_session(&server);
    let calls = [
        ("limited", json!({ "limit": 3 })),
        ("limited", json!({ "limit": 99, "other": 1 })),
        ("boom", json!({})),
        ("empty", json!({})),
        ("block", json!({ "ms": 1 })),
        ("big", json!({ "bytes": 1_000_000 })),
        ("broken_promise", json!({})),
        ("test_input_required_result_elicitation", json!({})),
        ("slow_compute", json!({ "seconds": 0, "label": "it" })),
        ("nobody", json!({})),
    ];
    for (id, (tool, arguments)) in (1..).zip(calls) {
        server.connect().ask(&call(id, tool, arguments), &[]);
    }
    for (method, params) in [
        ("tools/list", json!({})),
        ("server/discover", json!({})),
        ("prompts/get", json!({ "name": "test_simple_prompt" })),
        ("resources/read", json!({ "uri": "test://static-text" })),
    ] {
        server.connect().ask(&modern(1, method, params), &[]);
    }
    server.connect().ask(&call(1, "limited", json!({ "limit": 3 })), &[("Origin", "https://elsewhere.example")]);
    // Its call ends long before its thread does.
    server.connect().ask(&call(1, "block", json!({ "ms": 60_000 })), &[]);
    server.metrics()
}

fn instrument(metric: &str) -> Option<&'static Instrument> {
    instruments::ALL.iter().find(|instrument| instrument.prometheus() == metric)
}

/// The metric that a series is of.
fn metric<'a>(metrics: &'a Metrics, series: &'a str) -> &'a str {
    let whole = ["_bucket", "_sum", "_count"].into_iter().find_map(|part| series.strip_suffix(part));
    whole.filter(|name| metrics.types.get(*name).is_some_and(|kind| kind == "histogram")).unwrap_or(series)
}

#[test]
fn everything_that_is_told_is_in_the_table_and_the_table_is_told() {
    let warehouse = Warehouse::start();
    let rows = {
        let server = shop::open(shop::program(&warehouse.url()));
        look(server.address(), 1);
        server.metrics()
    };
    let mut seen = BTreeSet::new();
    for metrics in [everything(), rows] {
        for (name, kind) in metrics.types.iter().filter(|(name, _)| *name != "target_info") {
            let instrument = instrument(name).unwrap_or_else(|| panic!("{name} is not in the table"));
            let expected = match instrument.measures {
                Measures::Counter => "counter",
                Measures::Gauge => "gauge",
                Measures::Histogram(_) => "histogram",
                _ => panic!("a kind that is new: say here how Prometheus calls it"),
            };
            assert_eq!(kind, expected, "{name}");
            seen.insert(instrument.name);
        }
        for sample in metrics.samples.iter().filter(|sample| sample.name != "target_info") {
            let instrument = instrument(metric(&metrics, &sample.name)).expect("its type was told");
            let may =
                |name: &String| name == "le" || instrument.attributes.iter().any(|attribute| label(attribute) == *name);
            let foreign: Vec<&String> = sample.labels.keys().filter(|name| !may(name)).collect();
            assert!(foreign.is_empty(), "{}: {foreign:?}", sample.name);
        }
    }
    let missing: Vec<&str> = instruments::ALL
        .iter()
        .map(|instrument| instrument.name)
        .filter(|name| !seen.contains(name) && !NEEDS_MORE.contains(name))
        .collect();
    assert!(missing.is_empty(), "the table has what no server tells: {missing:?}");
}
