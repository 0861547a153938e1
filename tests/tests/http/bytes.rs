//! What a request costs in memory: counted before it is read, and bounded for each caller and for all.

use mcp_server_tests::{Connection, Server, call, initialize, legacy, modern};
use serde_json::{Value, json};

use super::{ask, result, with};

const HEAD: &str = "POST /mcp HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n\
                    Accept: application/json, text/event-stream\r\n";

fn tight() -> Server {
    with(&[
        "http.max_body=1MiB",
        "limits.request_bytes=16MiB",
        "limits.request_bytes_per_principal=4MiB",
        "http.body_timeout=5m",
        "admin.addr=127.0.0.1:0",
    ])
}

/// A request of which only the head has come, with a body of so many bytes to follow.
fn announced(server: &Server, bytes: usize) -> Connection {
    let mut connection = server.connect();
    connection.write(format!("{HEAD}Content-Length: {bytes}\r\n\r\n").as_bytes());
    connection
}

/// What requests in progress hold, as the metrics say.
fn held(server: &Server) -> f64 {
    server.metrics().sum("mcpserver_capacity_used", &[("capacity_name", "request_bytes")])
}

/// Waits until requests in progress hold so much.
fn holds(server: &Server, is_so: impl Fn(f64) -> bool) {
    let is_so = (0..500).any(|_| {
        let is_so = is_so(held(server));
        if !is_so {
            std::thread::sleep(std::time::Duration::from_millis(20));
        }
        is_so
    });
    assert!(is_so, "{} bytes are held", held(server));
}

#[test]
fn a_body_that_does_not_fit_is_refused_before_it_is_read_and_room_comes_back() {
    const BODY: usize = 900 * 1024;
    let server = tight();
    let waiting: Vec<Connection> = (0..4).map(|_| announced(&server, BODY)).collect();
    holds(&server, |held| held >= 4.0 * 900.0 * 1024.0);
    let refused = announced(&server, BODY).reply();
    assert_eq!(refused.status, 503, "{}", refused.body);
    assert!(refused.headers.contains_key("retry-after"), "{:?}", refused.headers);
    let error = &refused.json()["error"];
    assert!(error["message"].as_str().unwrap().contains("limits.request_bytes_per_principal"), "{error}");
    assert_eq!(error["data"]["retryable"], true);
    // One that declares no length is refused when its bytes come.
    let mut chunked = server.connect();
    chunked.write(format!("{HEAD}Transfer-Encoding: chunked\r\n\r\n80000\r\n").as_bytes());
    chunked.write(&vec![b' '; 0x80000]);
    chunked.write(b"\r\n0\r\n\r\n");
    assert_eq!(chunked.reply().status, 503);
    drop(waiting);
    holds(&server, |held| held == 0.0);
    let text = "x".repeat(900 * 1024);
    for _ in 0..20 {
        let reply = ask(&server, &call(1, "limited", json!({ "limit": text })));
        assert_eq!(reply.status, 200, "one after another they fit: {}", reply.body);
    }
    holds(&server, |held| held == 0.0);
}

/// Memory that a message takes when it is read counts as well: a caller cannot hold many times its bytes.
#[test]
fn many_values_count_for_more_than_their_bytes() {
    let server = tight();
    let objects: Vec<Value> = (0..15_000).map(|_| json!({ "a": 1 })).collect();
    let message = call(1, "limited", json!({ "limit": objects }));
    assert!(message.to_string().len() < 200_000);
    let reply = ask(&server, &message);
    assert_eq!(reply.status, 503, "{}", reply.body);
    assert_eq!(ask(&server, &call(1, "test_simple_text", json!({}))).status, 200);
    holds(&server, |held| held == 0.0);
}

#[test]
fn values_in_a_message_are_limited_whatever_holds_them() {
    let server = with(&["limits.json_values=10000"]);
    let opened = server.connect().ask(&initialize("2025-03-26"), &[]);
    let session = [("Mcp-Session-Id", opened.headers["mcp-session-id"].as_str())];
    let many = |shape: Value| Value::from(vec![shape; 12_000]);
    for shape in [json!(1), json!(""), json!({ "a": null }), json!([[]])] {
        let arguments = json!({ "limit": many(shape.clone()) });
        let mut meta = modern(1, "tools/list", json!({}));
        meta["params"]["_meta"]["example.com/x"] = many(shape.clone());
        let answer =
            json!({ "jsonrpc": "2.0", "id": 7, "result": { "action": "accept", "content": many(shape.clone()) } });
        let batch = json!([legacy(1, "tools/call", json!({ "name": "limited", "arguments": arguments }))]);
        for (message, more) in [
            (call(1, "limited", arguments.clone()), &[][..]),
            (meta, &[]),
            (legacy(1, "tools/call", json!({ "name": "limited", "arguments": arguments })), &session),
            (answer, &session),
            (batch, &session),
        ] {
            let reply = server.connect().ask(&message, more);
            assert_eq!((reply.status, &reply.json()["error"]["code"]), (413, &json!(-32600)), "{}", reply.body);
            assert!(reply.body.contains("limits.json_values"), "{}", reply.body);
        }
    }
    let few = Value::from(vec![json!("{,["); 4000]);
    assert_eq!(ask(&server, &call(1, "limited", json!({ "limit": few }))).tool_error()["kind"], "invalid_argument");
    let long = "{,[\"".repeat(100_000);
    assert_eq!(ask(&server, &call(1, "limited", json!({ "limit": long }))).tool_error()["kind"], "invalid_argument");
    assert!(result(&server, "tools/list", json!({}))["tools"].is_array());
}

#[test]
fn an_id_is_short() {
    let server = with(&[]);
    let id = |bytes: usize| Value::from("i".repeat(bytes));
    assert_eq!(ask(&server, &call(id(1000), "test_simple_text", json!({}))).json()["id"], id(1000));
    let reply = ask(&server, &call(id(2000), "test_simple_text", json!({})));
    assert_eq!((reply.status, &reply.json()["error"]["code"]), (400, &json!(-32600)), "{}", reply.body);
    assert!(reply.body.len() < 500, "it is not repeated");
    let body = format!(r#"{{"jsonrpc":"2.0","method":"ping","id":{}}}"#, "1".repeat(5000));
    let mut connection = server.connect();
    connection.write(format!("{HEAD}Content-Length: {}\r\n\r\n{body}", body.len()).as_bytes());
    let reply = connection.reply();
    assert_eq!((reply.status, &reply.json()["error"]["code"]), (400, &json!(-32600)), "{}", reply.body);
    assert!(reply.body.contains("`id` is longer"), "{}", reply.body);
}
