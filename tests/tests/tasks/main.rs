//! Tasks from outside, in both eras and on several processes, checklist id by checklist id.

#![allow(
    clippy::expect_used,
    clippy::panic,
    clippy::unwrap_used,
    reason = "all of it is test code, where a panic says that a test failed"
)]

mod legacy;
mod listen;
mod modern;
mod pipe;
mod processes;

use mcp_server_tests::{Connection, Reply, Server, modern as request};
use serde_json::{Value, json};

const PROGRAM: &str = env!("CARGO_BIN_EXE_everything-under-test");

fn server() -> Server {
    Server::start(PROGRAM, &[])
}

/// A modern request of a client that knows tasks and shows forms.
fn able(method: &str, mut params: Value) -> Value {
    let tasks = json!({ "io.modelcontextprotocol/tasks": {} });
    let able = json!({ "elicitation": {}, "extensions": tasks });
    params["_meta"] = json!({ "io.modelcontextprotocol/clientCapabilities": able });
    request(1, method, params)
}

fn ask(server: &Server, method: &str, params: Value) -> Reply {
    server.connect().ask(&able(method, params), &[])
}

fn result(server: &Server, method: &str, params: Value) -> Value {
    let reply = ask(server, method, params);
    let result = reply.json()["result"].clone();
    assert!(result.is_object(), "{}", reply.body);
    result
}

fn call(server: &Server, tool: &str, arguments: Value) -> Value {
    result(server, "tools/call", json!({ "name": tool, "arguments": arguments }))
}

/// Starts a task and gives out its id.
fn start(server: &Server, tool: &str, arguments: Value) -> String {
    let created = call(server, tool, arguments);
    assert_eq!(created["resultType"], "task", "{created}");
    created["taskId"].as_str().unwrap().to_owned()
}

fn get(server: &Server, id: &str) -> Value {
    result(server, "tasks/get", json!({ "taskId": id }))
}

fn update(server: &Server, id: &str, responses: Value) -> Value {
    result(server, "tasks/update", json!({ "taskId": id, "inputResponses": responses }))
}

fn accept(content: Value) -> Value {
    json!({ "action": "accept", "content": content })
}

/// A stream of what becomes of a task.
fn listen(server: &Server, id: &str) -> Connection {
    let mut connection = server.connect();
    let notifications = json!({ "notifications": { "taskIds": [id] } });
    connection.post(&able("subscriptions/listen", notifications), &[]);
    assert_eq!(connection.head().status, 200);
    connection
}

/// Waits until a task has a status, and shows it.
fn until(server: &Server, id: &str, status: &str) -> Value {
    listen(server, id).read_until(&format!(r#""status":"{status}""#));
    get(server, id)
}
