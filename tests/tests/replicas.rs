//! A server as three replicas behind a balancer that knows nothing: what one began, any other goes on with.

#![allow(
    clippy::expect_used,
    clippy::panic,
    clippy::unwrap_used,
    reason = "all of it is test code, where a panic says that a test failed"
)]

use mcp_server_tests::services::Kind;
use mcp_server_tests::{Replicas, initialize, legacy};
use serde_json::json;

const PROGRAM: &str = env!("CARGO_BIN_EXE_everything-under-test");

/// The balancer goes on to the next replica with what a dead one cannot have accepted, a POST too.
#[test]
fn a_dead_replica_is_passed_over() {
    let Some(store) = Kind::Redis.start() else { return };
    let setting = format!("store.url={}", store.url());
    let Some(mut replicas) = Replicas::start(PROGRAM, 3, &[&setting]) else { return };
    let mut connection = replicas.connect();
    let opened = connection.ask(&initialize("2025-11-25"), &[]);
    assert_eq!(opened.status, 200, "{}", opened.body);
    let session = opened.headers["mcp-session-id"].clone();
    for dead in 0..3 {
        replicas.kill(dead);
        for id in 1..=6 {
            let reply = connection.ask(&legacy(id, "ping", json!({})), &[("Mcp-Session-Id", &session)]);
            assert_eq!(reply.status, 200, "{}\n{}", reply.body, replicas.balancer_errors());
        }
        replicas.start_again(dead);
    }
}

/// With no replica left, the answer is an error that says when to come back. It must not be a message: one without the
/// request's `id` is thrown away by clients, which then wait for ever.
#[test]
fn without_replicas_the_balancer_says_when_to_come_back() {
    let Some(store) = Kind::Redis.start() else { return };
    let setting = format!("store.url={}", store.url());
    let Some(mut replicas) = Replicas::start(PROGRAM, 2, &[&setting]) else { return };
    replicas.kill(0);
    replicas.kill(1);
    let reply = replicas.connect().ask(&initialize("2025-11-25"), &[]);
    assert_eq!((reply.status, reply.headers["retry-after"].as_str()), (503, "1"));
    assert_eq!(reply.headers["content-type"], "application/json");
    assert!(reply.json().get("jsonrpc").is_none());
    let error = &reply.json()["error"];
    assert_eq!((error["code"].clone(), error["data"]["retryable"].clone()), (json!(-31503), json!(true)));
}
