//! A store that goes away and comes back, under servers that share it.

#![allow(
    clippy::expect_used,
    clippy::needless_pass_by_value,
    clippy::panic,
    clippy::unwrap_used,
    reason = "all of it is test code, where a panic says that a test failed"
)]

#[path = "outage/disk.rs"]
mod disk;
#[path = "outage/keys.rs"]
mod keys;
#[path = "outage/ownership.rs"]
mod ownership;
#[path = "outage/readiness.rs"]
mod readiness;
#[path = "outage/running.rs"]
mod running;
#[path = "outage/service.rs"]
mod service;
#[path = "outage/start.rs"]
mod start;

use mcp_server_tests::{Reply, Server, initialize};
use serde_json::{Value, json};

const PROGRAM: &str = env!("CARGO_BIN_EXE_everything-under-test");

/// A replica over a store, with short deadlines and an admin address.
fn replica(store: &str, more: &[&str]) -> Server {
    let url = format!("store.url={store}");
    let mut settings = vec![url.as_str(), "admin.addr=127.0.0.1:0", "store.timeout=500ms", "store.lease=1500ms"];
    settings.extend(more);
    Server::start(PROGRAM, &settings)
}

/// Opens a legacy session and gives out its id.
fn open(server: &Server) -> String {
    let reply = server.connect().ask(&initialize("2025-11-25"), &[]);
    assert_eq!(reply.status, 200, "{}", reply.body);
    reply.headers["mcp-session-id"].clone()
}

fn ask(server: &Server, session: &str, message: &Value) -> Reply {
    server.connect().ask(message, &[("Mcp-Session-Id", session)])
}

/// Refused for now: a status, a wait and an error that a program can act on.
fn is_unavailable(reply: &Reply, id: u64) {
    assert_eq!(reply.status, 503, "{}", reply.body);
    assert_eq!(reply.headers["retry-after"], "1");
    let (body, error) = (reply.json(), reply.json()["error"].clone());
    assert_eq!((&body["id"], &error["code"]), (&json!(id), &json!(-31503)));
    assert_eq!(error["data"], json!({ "kind": "unavailable", "retryable": true, "retryAfterMs": 1000 }));
}
