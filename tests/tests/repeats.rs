//! OB1: a dependency that is down makes every call write the same lines, and the log stays readable.

#![allow(
    clippy::expect_used,
    clippy::float_cmp,
    clippy::panic,
    clippy::unwrap_used,
    reason = "all of it is test code, where a panic says that a test failed; counts are exact as floats"
)]

use std::collections::BTreeMap;

use mcp_server_tests::{Connection, Server, call};
use serde_json::{Value, json};

const LEAKY: &str = env!("CARGO_BIN_EXE_leaky-under-test");
const CALLS: usize = 10_000;
const AGENTS: usize = 4;
/// More than are written one by one.
const FIRST: usize = 40;

/// Makes one of the equal calls: but for its id, and for a word that the log does not tell.
fn fail(connection: &mut Connection, id: usize) -> String {
    let reply = connection.ask(&call(id, "depend", json!({ "word": format!("canary-{id}") })), &[]);
    let error = reply.tool_error();
    assert_eq!(error["kind"], "upstream_unavailable");
    error["correlationId"].as_str().unwrap().to_owned()
}

/// Makes all of them, and gives out what the first were told to ask under.
fn fail_again_and_again(server: &Server) -> Vec<String> {
    let first = (0..FIRST).map(|id| fail(&mut server.connect(), id)).collect();
    std::thread::scope(|scope| {
        for agent in 0..AGENTS {
            let mut connection = server.connect();
            let ids = (FIRST + agent..CALLS).step_by(AGENTS);
            scope.spawn(move || ids.for_each(|id| drop(fail(&mut connection, id))));
        }
    });
    first
}

#[test]
fn ten_thousand_equal_failures_are_a_few_lines_and_a_count_that_adds_up() {
    let server = Server::start(LEAKY, &["admin.addr=127.0.0.1:0"]);
    let references = fail_again_and_again(&server);
    let calls = server.metrics().sum("mcpserver_tool_calls_total", &[("outcome", "failed")]);
    assert_eq!(calls, 10_000.0, "everything but the log has every call");
    let log = server.last_words();
    let lines: Vec<Value> = log.iter().map(|line| serde_json::from_str(line).unwrap()).collect();

    let mut all: BTreeMap<&str, usize> = BTreeMap::new();
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for line in lines.iter().filter(|line| ["WARN", "ERROR"].contains(&line["level"].as_str().unwrap())) {
        match line["left_out"].as_u64() {
            Some(left_out) => {
                *all.entry(line["of"].as_str().unwrap()).or_default() += usize::try_from(left_out).unwrap();
                *counts.entry(line["of"].as_str().unwrap()).or_default() += 1;
            }
            None => *all.entry(line["target"].as_str().unwrap()).or_default() += 1,
        }
    }
    // Those of the author, and two of ours.
    let kinds = ["leaky_under_test", "mcp_server::call", "mcp_server::tool"];
    assert_eq!(all, kinds.map(|kind| (kind, CALLS)).into(), "each call is a line or in a count");
    // One for each minute that the machine took.
    let minutes = counts.values().max().copied().unwrap();
    let loud = lines.iter().filter(|line| line["level"] != "INFO").count();
    assert!(loud <= 20 * minutes, "{loud} lines in {minutes} minutes: {log:#?}");

    let count = lines.iter().find(|line| line["left_out"].is_u64() && line["of"] == "mcp_server::tool").unwrap();
    let like = count["like"].as_str().unwrap();
    assert!(like.contains("depend") && like.contains("connection refused"), "the count says of what: {like}");
    assert!(log.iter().all(|line| !line.contains("canary")), "{log:#?}");
    let found = |reference: &String| log.iter().any(|line| line.contains(reference));
    assert!(references.iter().all(found), "what agents were told is found: {references:?} in {log:#?}");
}

/// An operator who wants every line gets it.
#[test]
fn without_a_limit_every_failure_has_its_lines() {
    let server = Server::start(LEAKY, &["log.repeats=0"]);
    for id in 0..50 {
        fail(&mut server.connect(), id);
    }
    let log = server.last_words();
    assert_eq!(log.iter().filter(|line| line.contains("a call failed")).count(), 50);
}
