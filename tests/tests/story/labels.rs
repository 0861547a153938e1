//! Labels come from what a server has, never from what a request says: nobody can add series from outside.

use std::collections::BTreeSet;

use mcp_server_core::telemetry::semconv::{guard, outcome};
use mcp_server_core::tool::ErrorKind;
use mcp_server_tests::{Server, call, initialize, legacy, modern};
use serde_json::{Value, json};

pub(crate) const EVERYTHING: &str = env!("CARGO_BIN_EXE_everything-under-test");

/// Calls something that the server has not, in every place where a request may name something.
fn invent(server: &Server, number: u32) {
    let name = format!("invented-{number}");
    let session = server.connect().ask(&initialize("2025-11-25"), &[]);
    let session = session.headers["mcp-session-id"].clone();
    let messages = [
        call(1, &name, json!({ (name.as_str()): name })),
        call(2, "limited", json!({ (name.as_str()): name })),
        modern(3, &name, json!({})),
        modern(4, "prompts/get", json!({ "name": name })),
        modern(5, "resources/read", json!({ "uri": format!("{name}://{name}") })),
        modern(6, "tasks/get", json!({ "taskId": name })),
    ];
    for message in messages {
        server.connect().ask(&message, &[]);
    }
    server.connect().ask(&legacy(7, &name, json!({})), &[("Mcp-Session-Id", &session)]);
    server.connect().ask(&call(8, "limited", json!({ "limit": 1 })), &[("Origin", &format!("https://{name}.example"))]);
    let mut connection = server.connect();
    connection.send("DELETE", "/mcp", &[("Mcp-Session-Id", &session)], b"");
    connection.reply();
}

#[test]
fn a_hundred_invented_names_add_no_series() {
    let server = Server::start(EVERYTHING, &["admin.addr=127.0.0.1:0"]);
    invent(&server, 0);
    let before = server.metrics();
    for number in 1..=100 {
        invent(&server, number);
    }
    let after = server.metrics();
    let invented: Vec<_> =
        after.samples.iter().filter(|sample| sample.labels.values().any(|value| value.contains("invented"))).collect();
    assert!(invented.is_empty(), "{invented:#?}");
    let refused = "mcpserver_refusals_total";
    assert!(after.sum(refused, &[("guard", "origin")]) >= 101.0, "they were seen all the same");
    // Whatever the server does by itself meanwhile, such as another operation of its store, adds a few.
    let (before, after) = (before.samples.len(), after.samples.len());
    assert!(after <= before + 100, "{before} series before, {after} after");
}

#[test]
fn the_values_of_labels_are_those_of_the_registries() {
    let server = Server::start(EVERYTHING, &["admin.addr=127.0.0.1:0"]);
    invent(&server, 0);
    for (tool, arguments) in [("limited", json!({ "limit": 3 })), ("boom", json!({})), ("empty", json!({}))] {
        server.connect().ask(&call(1, tool, arguments), &[]);
    }
    let listed = server.connect().ask(&modern(2, "tools/list", json!({})), &[]).json();
    let tools: BTreeSet<String> = listed["result"]["tools"]
        .as_array()
        .unwrap()
        .iter()
        .map(|tool| tool["name"].as_str().unwrap().into())
        .collect();
    let metrics = server.metrics();
    let seen = |label: &str| metrics.values(label).into_iter().map(str::to_owned).collect::<BTreeSet<String>>();
    assert!(seen("gen_ai_tool_name").is_subset(&tools), "{:?}", seen("gen_ai_tool_name"));
    let known = |words: &[&str]| words.iter().map(|&word| word.to_owned()).collect::<BTreeSet<String>>();
    assert!(seen("outcome").is_subset(&known(&outcome::ALL)), "{:?}", seen("outcome"));
    assert!(seen("guard").is_subset(&known(&guard::ALL)), "{:?}", seen("guard"));
    for kind in seen("kind") {
        assert!(serde_json::from_value::<ErrorKind>(Value::from(kind.as_str())).is_ok(), "{kind}");
    }
}
