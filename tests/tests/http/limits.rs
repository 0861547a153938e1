//! Limits that the configuration sets, for the server and for single tools, and the record of every message.

use std::net::SocketAddr;
use std::process::Command;

use mcp_server_tests::{Connection, Reply, Server, call, modern};
use serde_json::{Value, json};

use super::{PROGRAM, ask, result, with};

fn kind(reply: &Reply) -> Value {
    reply.tool_error()["kind"].clone()
}

/// Keeps the server busy with one call, and asks until another one is turned away for want of room.
///
/// The one that is to keep it busy may itself find no room, when another one was just being served: then it starts anew.
fn turned_away(server: &Server, long: &Value, tool: &str, arguments: &Value) -> (Connection, Reply) {
    for _ in 0..10 {
        let mut busy = server.connect();
        busy.post(long, &[]);
        let mut other = server.connect();
        let mut replies = (0..500).map(|_| other.ask(&call(2, tool, arguments.clone()), &[]));
        if let Some(refused) = replies.find(|reply| kind(reply) == "overloaded") {
            return (busy, refused);
        }
    }
    panic!("nothing is ever turned away");
}

/// SL1: work that is too much is turned away at once, in words that a model can act on; what runs is not disturbed.
#[test]
fn calls_in_flight_are_limited() {
    let server = with(&["limits.in_flight=1"]);
    let long = call(1, "slow", json!({"ms": 1500}));
    let (mut busy, refused) = turned_away(&server, &long, "effects", &json!({}));
    assert_eq!((refused.status, &refused.tool_error()["retryable"]), (200, &json!(true)));
    // Lists need no room.
    assert_eq!(ask(&server, &modern(3, "tools/list", json!({}))).status, 200);
    assert_eq!(busy.reply().json()["result"]["content"][0]["text"], "That took 1500 ms.");
    assert_eq!(result(&server, "tools/call", json!({"name": "effects"}))["content"][0]["text"], "0");
}

/// One tool's limit is no other's.
#[test]
fn a_tool_has_a_limit_of_its_own() {
    let server = with(&["tools.slow.max_concurrency=1"]);
    let long = call(1, "slow", json!({"ms": 1500}));
    let (mut busy, _) = turned_away(&server, &long, "slow", &json!({"ms": 0}));
    assert!(result(&server, "tools/call", json!({"name": "effects"})).get("isError").is_none());
    assert_eq!(busy.reply().status, 200);
}

/// SL4: threads for functions that block are as many as configured, and so are those who wait for one.
#[test]
fn blocking_functions_have_their_own_limit() {
    let server = with(&["limits.blocking_threads=1", "limits.blocking_queue=0"]);
    let long = call(1, "block", json!({"ms": 1500}));
    let (mut busy, _) = turned_away(&server, &long, "block", &json!({"ms": 0}));
    assert!(result(&server, "tools/call", json!({"name": "effects"})).get("isError").is_none());
    assert_eq!(busy.reply().json()["result"]["content"][0]["text"], "That blocked for 1500 ms.");
}

/// Limits of time: a tool's own, the operator's for it, and the one for all others.
#[test]
fn times_are_limited() {
    let server = with(&["limits.timeout=300ms", "tools.hang.timeout=200ms", "tools.block.timeout=100ms"]);
    for (tool, arguments, limit) in [
        ("slow", json!({"ms": 60_000}), "0.3 s"),
        ("hang", json!({}), "0.2 s"),
        ("block", json!({"ms": 1000}), "0.1 s"),
    ] {
        let reply = ask(&server, &call(1, tool, arguments));
        assert_eq!(kind(&reply), "timeout", "{tool}: {}", reply.body);
        assert!(reply.tool_error()["message"].as_str().unwrap().contains(limit), "{tool}: {}", reply.body);
    }
}

/// TP4: sizes of results, for one tool.
#[test]
fn results_are_limited_for_each_tool() {
    let server = with(&["tools.big.max_result=2KiB"]);
    assert_eq!(kind(&ask(&server, &call(1, "big", json!({"bytes": 4000})))), "result_too_large");
    assert_eq!(
        ask(&server, &call(1, "big", json!({"bytes": 100}))).json()["result"]["content"][0]["text"],
        "x".repeat(100)
    );
}

/// A tool that the operator switched off is not there.
#[test]
fn a_tool_can_be_switched_off() {
    let server = with(&["tools.boom.enabled=false"]);
    assert_eq!(ask(&server, &call(1, "boom", json!({}))).json()["error"]["code"], -32602);
    let tools = result(&server, "tools/list", json!({}))["tools"].clone();
    assert!(!tools.as_array().unwrap().iter().any(|tool| tool["name"] == "boom"));
}

/// BP11: depth and width of arguments.
#[test]
fn arguments_are_limited_in_depth() {
    let server = with(&["limits.json_depth=8"]);
    let deep = (0..10).fold(json!(1), |inner, _| json!([inner]));
    let reply = ask(&server, &call(1, "limited", json!({"limit": deep})));
    assert_eq!(kind(&reply), "invalid_argument", "{}", reply.body);
    let wide: serde_json::Map<String, Value> = (0..40_000).map(|at| (format!("k{at}"), json!(at))).collect();
    let reply = ask(&server, &call(1, "limited", Value::Object(wide)));
    assert_eq!(kind(&reply), "invalid_argument");
    assert!(reply.body.len() < 8000, "8 violations at most are told: {} bytes", reply.body.len());
}

/// SE11: every call is recorded, once, whatever its end is.
#[test]
fn every_call_is_recorded_once() {
    let server = with(&["log.level=mcp_server=debug", "http.stream_after=10ms", "shutdown.grace=1s"]);
    let calls = [
        (call(1, "test_simple_text", json!({})), "complete"),
        (call(1, "limited", json!({"limit": 99})), "failed"),
        (call(1, "boom", json!({})), "failed"),
        (call(1, "hang", json!({})), "failed"),
        (call(1, "no_such", json!({})), "refused"),
        (modern(1, "no/such", json!({})), "refused"),
        (modern(1, "tools/list", json!({})), "complete"),
        (modern(1, "resources/read", json!({"uri": "test://nothing"})), "refused"),
    ];
    for (message, _) in &calls {
        ask(&server, message);
    }
    let mut leaving = server.connect();
    leaving.post(&call(1, "slow", json!({"ms": 50_000})), &[]);
    assert_eq!(leaving.head().status, 200);
    drop(leaving);
    server.logged("\"cancelled\"");
    // What was read while waiting is gone: the same calls once more, in order, and then everything that is left.
    let mut connection = server.connect();
    for (message, _) in &calls {
        connection.ask(message, &[]);
    }
    drop(connection);
    let records: Vec<Value> = server
        .last_words()
        .iter()
        .filter_map(|line| serde_json::from_str(line).ok())
        .filter(|record: &Value| record["message"] == "call")
        .collect();
    let outcomes: Vec<&str> = records.iter().map(|record| record["outcome"].as_str().unwrap()).collect();
    assert_eq!(outcomes, calls.map(|(_, outcome)| outcome));
    assert_eq!(records[0]["name"], "test_simple_text");
    assert!(records[0]["bytes_out"].as_u64().unwrap() > 100, "{}", records[0]);
    assert_eq!(records[1]["kind"], "invalid_argument");
    assert_eq!(records[4]["code"], -32602);
    assert!(records.iter().all(|record| record["name"] != "no_such"), "names from the wire are not kept");
}

/// TR15: an address that is in use is named, beside what to do.
#[test]
fn an_address_in_use_is_named() {
    let server = super::server();
    let address: SocketAddr = server.address();
    let second =
        Command::new(PROGRAM).args(["--http", &address.to_string(), "--set", "store.url=memory:"]).output().unwrap();
    assert!(!second.status.success());
    let text = String::from_utf8(second.stderr).unwrap();
    assert!(text.contains(&address.to_string()) && text.contains("http.addr"), "{text}");
}
