//! A legacy client in a few functions.

use mcp_server_tests::{Connection, Reply, Server, initialize, legacy, notification};
use serde_json::{Value, json};

pub(crate) const PROGRAM: &str = env!("CARGO_BIN_EXE_everything-under-test");

pub(crate) fn server() -> Server {
    Server::start(PROGRAM, &[])
}

/// Opens a session and gives out its id.
pub(crate) fn open(server: &Server, revision: &str) -> String {
    let reply = server.connect().ask(&initialize(revision), &[]);
    assert_eq!(reply.status, 200, "{}", reply.body);
    assert_eq!(reply.json()["result"]["protocolVersion"], revision);
    let id = reply.headers["mcp-session-id"].clone();
    let reply = server.connect().ask(&notification("notifications/initialized", json!({})), &[("Mcp-Session-Id", &id)]);
    assert_eq!((reply.status, reply.body.as_str()), (202, ""));
    id
}

pub(crate) fn ask(server: &Server, session: &str, message: &Value) -> Reply {
    server.connect().ask(message, &[("Mcp-Session-Id", session)])
}

pub(crate) fn tool(id: u64, name: &str, arguments: Value) -> Value {
    legacy(id, "tools/call", json!({ "name": name, "arguments": arguments }))
}

/// Sends a request whose answer is read later, as events.
pub(crate) fn start(server: &Server, session: &str, message: &Value) -> Connection {
    let mut connection = server.connect();
    connection.post(message, &[("Mcp-Session-Id", session)]);
    let head = connection.head();
    assert_eq!((head.status, head.headers["content-type"].as_str()), (200, "text/event-stream"));
    assert_eq!(head.headers["x-accel-buffering"], "no");
    connection
}

pub(crate) fn get(server: &Server, session: &str, last: Option<&str>) -> (Connection, Reply) {
    let mut connection = server.connect();
    let mut headers = vec![("Accept", "text/event-stream"), ("Mcp-Session-Id", session)];
    headers.extend(last.map(|last| ("Last-Event-ID", last)));
    connection.send("GET", "/mcp", &headers, b"");
    let head = connection.head();
    (connection, head)
}

pub(crate) fn all(connection: &mut Connection) -> String {
    std::iter::from_fn(|| connection.piece()).collect()
}

pub(crate) fn ids(events: &str) -> Vec<String> {
    events.lines().filter_map(|line| line.strip_prefix("id: ")).map(str::to_owned).collect()
}

/// The ids that a client reads which resumes after one of them: the first repeats that one, and after the last nothing
/// comes.
pub(crate) fn resumed(ids: &[String], after: usize) -> &[String] {
    if after + 1 == ids.len() { &[] } else { &ids[after..] }
}

/// The ids without those that were repeated.
pub(crate) fn unique(mut ids: Vec<String>) -> Vec<String> {
    ids.dedup();
    ids
}

pub(crate) fn messages(events: &str) -> Vec<Value> {
    let data = events.lines().filter_map(|line| line.strip_prefix("data: ")).filter(|data| !data.is_empty());
    data.map(|data| serde_json::from_str(data).expect("each event holds a message")).collect()
}

/// The first message in a stream that has a method: what the server asks or tells.
pub(crate) fn next_with(connection: &mut Connection, method: &str) -> Value {
    let text = connection.read_until(method);
    messages(&text).into_iter().find(|message| message["method"] == method).expect("it was read whole")
}

/// Ends a session.
pub(crate) fn delete(server: &Server, session: &str) -> Reply {
    let mut connection = server.connect();
    connection.send("DELETE", "/mcp", &[("Mcp-Session-Id", session)], b"");
    connection.reply()
}
