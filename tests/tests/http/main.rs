//! The modern endpoint from outside, checklist id by checklist id.

#![allow(
    clippy::expect_used,
    clippy::format_collect,
    clippy::needless_pass_by_value,
    clippy::panic,
    clippy::type_complexity,
    clippy::unwrap_used,
    reason = "all of it is test code, where a panic says that a test failed"
)]

mod accepting;
mod bytes;
mod connections;
mod envelope;
mod features;
mod framing;
mod guard;
mod headers;
mod limits;
mod mirrored;
mod rounds;
mod subscriptions;
mod targets;

use mcp_server_tests::{Connection, Reply, Server, modern};
use serde_json::Value;

const PROGRAM: &str = env!("CARGO_BIN_EXE_everything-under-test");

fn server() -> Server {
    Server::start(PROGRAM, &[])
}

fn with(settings: &[&str]) -> Server {
    Server::start(PROGRAM, settings)
}

/// Asks on a connection of its own.
fn ask(server: &Server, message: &Value) -> Reply {
    server.connect().ask(message, &[])
}

/// Asks, and wants a result.
fn result(server: &Server, method: &str, params: Value) -> Value {
    let reply = ask(server, &modern(1, method, params));
    assert_eq!(reply.status, 200, "{}", reply.body);
    let result = reply.json()["result"].clone();
    assert!(result.is_object(), "{}", reply.body);
    result
}

/// Asks, and wants a protocol error.
fn error(server: &Server, method: &str, params: Value) -> Value {
    let reply = ask(server, &modern("e", method, params));
    assert_eq!(reply.json()["id"], "e", "A27: {}", reply.body);
    let error = reply.json()["error"].clone();
    assert!(error.is_object(), "{}", reply.body);
    error
}

/// The status and the code of a refusal.
fn refusal(reply: &Reply) -> (u16, Option<i64>) {
    (reply.status, reply.json()["error"]["code"].as_i64())
}

/// The headers that go with a message.
fn standard(message: &Value) -> Vec<(String, String)> {
    let mut headers = vec![
        ("Content-Type".to_owned(), "application/json".to_owned()),
        ("Accept".to_owned(), "application/json, text/event-stream".to_owned()),
        ("MCP-Protocol-Version".to_owned(), "2026-07-28".to_owned()),
        ("Mcp-Method".to_owned(), message["method"].as_str().unwrap_or_default().to_owned()),
    ];
    let member = if message["method"] == "resources/read" { "uri" } else { "name" };
    if let Some(name) = message["params"][member].as_str() {
        headers.push(("Mcp-Name".to_owned(), name.to_owned()));
    }
    headers
}

/// Sends a message with some of its headers replaced (`Some`) or left out (`None`).
fn ask_with(connection: &mut Connection, message: &Value, changes: &[(&str, Option<&str>)]) -> Reply {
    let mut headers = standard(message);
    for (name, value) in changes {
        headers.retain(|(given, _)| !given.eq_ignore_ascii_case(name));
        headers.extend(value.map(|value| ((*name).to_owned(), value.to_owned())));
    }
    send(connection, message, &headers)
}

fn send(connection: &mut Connection, message: &Value, headers: &[(String, String)]) -> Reply {
    let headers: Vec<_> = headers.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    connection.send("POST", "/mcp", &headers, message.to_string().as_bytes());
    connection.reply()
}
