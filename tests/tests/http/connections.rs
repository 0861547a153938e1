//! Connections: many, slow, pipelined, of HTTP/2, from browsers (TR14, TR16, C14, C15, C47).

use std::io::Write as _;
use std::net::TcpStream;
use std::time::Duration;

use mcp_server_tests::{Connection, call, modern};
use serde_json::{Value, json};

use super::{ask, refusal, server, standard, with};

/// BP4: answers go to those who asked, under their ids, however many ask at once.
#[test]
fn many_connections_are_served_at_once() {
    let server = server();
    let mut open: Vec<(Value, u64, Connection)> = (0..200_u64)
        .map(|at| {
            let id = if at % 2 == 0 { json!(at / 2) } else { json!((at / 2).to_string()) };
            (id, (at * 7) % 50, server.connect())
        })
        .collect();
    for (id, ms, connection) in &mut open {
        connection.post(&call(id.clone(), "slow", json!({"ms": *ms})), &[]);
    }
    for (id, ms, connection) in &mut open {
        let reply = connection.reply().json();
        assert_eq!(reply["id"], *id);
        assert_eq!(reply["result"]["content"][0]["text"], format!("That took {ms} ms."));
    }
}

/// Requests that were sent before the first answer came are answered in order.
#[test]
fn pipelined_requests_are_answered_in_order() {
    let server = server();
    let mut connection = server.connect();
    for id in 0..20 {
        connection.post(&call(id, "slow", json!({"ms": if id == 0 { 100 } else { 0 }})), &[]);
    }
    for id in 0..20 {
        assert_eq!(connection.reply().json()["id"], id);
    }
}

/// TR16: a head that does not arrive costs its connection, and nobody else's.
#[test]
fn a_slow_head_is_not_waited_for() {
    let server = with(&["http.header_timeout=200ms"]);
    let mut slow = server.connect();
    slow.write(b"POST /mcp HTTP/1.1\r\nHost: local");
    assert_eq!(ask(&server, &call(1, "effects", json!({}))).status, 200);
    assert!(slow.is_closed());
}

/// TR16, BP6: a body that does not arrive is refused, with a body.
#[test]
fn a_slow_body_is_refused() {
    let server = with(&["http.body_timeout=200ms"]);
    let mut slow = server.connect();
    slow.send("POST", "/mcp", &[("Content-Type", "application/json"), ("Content-Length", "1000")], b"{\"jsonrpc\":");
    let reply = slow.reply();
    assert_eq!(refusal(&reply), (408, Some(-32600)), "{}", reply.body);
    assert!(reply.json()["error"]["message"].as_str().unwrap().contains("body"));
}

/// A body that breaks off, and chunks that lie about their size, end one connection.
#[test]
fn a_broken_body_ends_its_connection_alone() {
    let server = server();
    let mut broken = TcpStream::connect(server.address()).unwrap();
    broken.write_all(b"POST /mcp HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100\r\n\r\n{").unwrap();
    drop(broken);
    let mut lying = server.connect();
    lying.write(b"POST /mcp HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n{}\r\n");
    assert_eq!(lying.head().status, 400);
    assert_eq!(ask(&server, &call(1, "effects", json!({}))).status, 200);
}

/// TR5: a body in chunks is counted as it comes.
#[test]
fn a_body_in_chunks_is_limited() {
    let server = with(&["http.max_body=64KiB"]);
    let mut connection = server.connect();
    connection.write(b"POST /mcp HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n");
    let chunk = format!("4000\r\n{}\r\n", " ".repeat(0x4000));
    for _ in 0..5 {
        connection.write(chunk.as_bytes());
    }
    let reply = connection.reply();
    assert_eq!(refusal(&reply), (413, Some(-32600)), "{}", reply.body);
}

/// Smuggling: a message whose length is said twice in different ways is not served.
#[test]
fn two_lengths_are_refused() {
    let server = server();
    for lengths in ["Content-Length: 5\r\nContent-Length: 6\r\n", "Content-Length: x\r\n", "Content-Length: -1\r\n"] {
        let mut connection = server.connect();
        connection.write(format!("POST /mcp HTTP/1.1\r\nHost: localhost\r\n{lengths}\r\n{{}}").as_bytes());
        assert_eq!(connection.head().status, 400, "{lengths:?}");
    }
}

/// C46: headers without end are refused.
#[test]
fn too_many_headers_are_refused() {
    let server = server();
    let mut connection = server.connect();
    let many: String = (0..2000).map(|at| format!("X-{at}: {at}\r\n")).collect();
    connection.write(format!("POST /mcp HTTP/1.1\r\nHost: localhost\r\n{many}\r\n").as_bytes());
    assert_eq!(connection.head().status, 431);
}

/// Connections are capped: one more waits until another ends, if all are at work.
#[test]
fn connections_are_capped() {
    let server = with(&["http.max_connections=2"]);
    let mut first = server.connect();
    let mut second = server.connect();
    first.post(&call(1, "slow", json!({"ms": 900})), &[]);
    second.post(&call(2, "slow", json!({"ms": 900})), &[]);
    let mut waiting = server.connect();
    waiting.post(&call(3, "late_effect", json!({"ms": 0})), &[]);
    for connection in [&mut first, &mut second] {
        assert_eq!(connection.reply().json()["result"]["content"][0]["text"], "That took 900 ms.");
    }
    assert_eq!(waiting.reply().status, 200);
    assert_eq!(ask(&server, &call(4, "effects", json!({}))).json()["result"]["content"][0]["text"], "1");
}

/// TR16: a reader that takes no bytes is dropped, and what it held is free.
#[test]
fn a_reader_that_does_not_read_is_dropped() {
    let settings = ["http.max_connections=1", "http.write_timeout=200ms", "limits.max_result=32MiB"];
    let server = with(&settings);
    let mut stalled = server.connect();
    for id in 0..4 {
        stalled.post(&call(id, "big", json!({"bytes": 10_000_000})), &[]);
    }
    // There is room for one connection: another is served once the stalled one is gone.
    assert_eq!(ask(&server, &call(9, "effects", json!({}))).status, 200);
}

/// TR14: clients that leave in the middle leave nothing behind.
#[test]
fn clients_that_leave_are_no_fault() {
    let server = server();
    for at in 0..100 {
        let mut leaving = server.connect();
        let mut params = json!({"name": "test_tool_with_progress", "arguments": {}});
        params["_meta"] = json!({"progressToken": at});
        leaving.post(&modern(at, "tools/call", params), &[]);
        if at % 2 == 0 {
            leaving.head();
        }
    }
    assert_eq!(ask(&server, &call(1, "test_simple_text", json!({}))).status, 200);
    assert!(!server.log().iter().any(|line| line.contains("\"ERROR\"")));
}

/// The response to a request of HTTP/1.0 closes the connection; `Connection: close` does so in HTTP/1.1.
#[test]
fn a_connection_is_closed_when_asked() {
    let server = server();
    let mut connection = server.connect();
    assert_eq!(connection.ask(&call(1, "effects", json!({})), &[("Connection", "close")]).status, 200);
    assert!(connection.is_closed());
}

/// C47: a page of this machine may ask beforehand and read the answer; others may not.
#[test]
fn browsers_are_told_what_they_may() {
    let server = server();
    let origin = ("Origin", "http://localhost:6274");
    let mut connection = server.connect();
    let wanted = "content-type,mcp-method,mcp-name,mcp-protocol-version,mcp-param-value";
    let preflight = [origin, ("Access-Control-Request-Method", "POST"), ("Access-Control-Request-Headers", wanted)];
    connection.send("OPTIONS", "/mcp", &preflight, b"");
    let reply = connection.reply();
    assert_eq!(reply.status, 204);
    assert_eq!(reply.headers["access-control-allow-origin"], "http://localhost:6274");
    let allowed = reply.headers["access-control-allow-headers"].to_ascii_lowercase();
    assert!(wanted.split(',').all(|name| allowed.contains(name)), "{allowed}");
    assert!(reply.headers["access-control-allow-methods"].contains("POST"));
    for message in [call(1, "test_simple_text", json!({})), modern(2, "no/such", json!({}))] {
        let reply = connection.ask(&message, &[origin]);
        assert_eq!(reply.headers["access-control-allow-origin"], "http://localhost:6274", "refusals too");
        assert!(reply.headers["access-control-expose-headers"].to_ascii_lowercase().contains("www-authenticate"));
        assert_eq!(reply.headers["vary"].to_ascii_lowercase(), "origin");
    }
    connection.send(
        "OPTIONS",
        "/mcp",
        &[("Origin", "https://evil.example"), ("Access-Control-Request-Method", "POST")],
        b"",
    );
    let reply = connection.reply();
    assert_eq!(reply.status, 403);
    assert!(!reply.headers.contains_key("access-control-allow-origin"));
}

/// TR11: another path is no endpoint, and says where the endpoint is.
#[test]
fn another_path_is_not_found() {
    let server = server();
    for path in ["/", "/sse", "/mcp/x", "/MCP", "//mcp"] {
        let mut connection = server.connect();
        connection.send("POST", path, &[("Content-Type", "application/json")], b"{}");
        let reply = connection.reply();
        assert_eq!(reply.status, 404, "{path}");
        assert!(reply.body.contains("/mcp"), "{path}: {}", reply.body);
    }
    let server = with(&["http.path=/tools"]);
    let mut connection = server.connect();
    let message = call(1, "test_simple_text", json!({}));
    let headers = standard(&message);
    let headers: Vec<_> = headers.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    connection.send("POST", "/tools", &headers, message.to_string().as_bytes());
    assert_eq!(connection.reply().status, 200);
}

async fn post(client: &reqwest::Client, server: &mcp_server_tests::Server, message: &Value) -> reqwest::Response {
    let mut request = client.post(format!("http://{}/mcp", server.address())).body(message.to_string());
    for (name, value) in standard(message) {
        request = request.header(name, value);
    }
    request.send().await.unwrap()
}

/// HTTP/2 without TLS, many requests on one connection.
#[tokio::test]
async fn http_2_is_served() {
    let server = with(&["http.max_connections=1"]);
    let client = reqwest::Client::builder().http2_prior_knowledge().build().unwrap();
    let answers = (0..20_u64).map(|id| {
        let (client, server) = (&client, &server);
        async move {
            let reply = post(client, server, &call(id, "slow", json!({"ms": 20}))).await;
            assert_eq!((reply.status().as_u16(), reply.version()), (200, reqwest::Version::HTTP_2));
            let answer: Value = serde_json::from_slice(&reply.bytes().await.unwrap()).unwrap();
            assert_eq!(answer["id"], id);
        }
    });
    futures_util::future::join_all(answers).await;
}

/// C15: a request of HTTP/2 that its client gives up is cancelled, and the connection goes on.
#[tokio::test]
async fn a_given_up_request_of_http_2_is_cancelled() {
    let server = with(&["http.max_connections=1"]);
    let client = reqwest::Client::builder().http2_prior_knowledge().build().unwrap();
    post(&client, &server, &call(0, "effects", json!({}))).await;
    let late = call(1, "late_effect", json!({"ms": 400}));
    let given_up = tokio::time::timeout(Duration::from_millis(100), post(&client, &server, &late)).await;
    assert!(given_up.is_err(), "it was on its way");
    post(&client, &server, &call(2, "slow", json!({"ms": 700}))).await;
    let effects = post(&client, &server, &call(3, "effects", json!({}))).await;
    let effects: Value = serde_json::from_slice(&effects.bytes().await.unwrap()).unwrap();
    assert_eq!(effects["result"]["content"][0]["text"], "0");
}
