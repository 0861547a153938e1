//! Where a request goes and how it is coded: what is refused, with which status.

use mcp_server_tests::{call, modern, notification};
use serde_json::json;

use super::{refusal, server, standard};

fn post(extra: &[(&str, &str)], path: &str, body: &[u8]) -> mcp_server_tests::Reply {
    let server = server();
    let mut connection = server.connect();
    connection.send("POST", path, extra, body);
    connection.reply()
}

#[test]
fn a_coded_body_is_refused_with_what_is_accepted() {
    let reply = post(&[("Content-Encoding", "gzip")], "/mcp", b"\x1f\x8b\x08");
    assert_eq!(refusal(&reply), (415, Some(-32600)));
    assert_eq!(reply.headers["accept-encoding"], "identity");
}

#[test]
fn another_transfer_coding_is_not_implemented() {
    let server = server();
    let mut connection = server.connect();
    connection.write(b"POST /mcp HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n");
    assert_eq!(refusal(&connection.reply()), (501, Some(-32600)));
}

#[test]
fn a_request_names_its_host_once() {
    let server = server();
    for head in [
        "POST /mcp HTTP/1.1\r\nContent-Length: 0\r\n\r\n",
        "POST http://localhost/mcp HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 0\r\n\r\n",
    ] {
        let mut connection = server.connect();
        connection.write(head.as_bytes());
        assert_eq!(refusal(&connection.reply()), (400, Some(-32600)), "{head}");
    }
}

#[test]
fn a_slash_at_the_end_means_the_same() {
    let message = call(1, "effects", json!({}));
    let headers = standard(&message);
    let headers: Vec<_> = headers.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    assert_eq!(post(&headers, "/mcp/", message.to_string().as_bytes()).status, 200);
}

#[test]
fn a_page_can_read_that_there_is_nothing() {
    let reply = post(&[("Origin", "http://localhost:1")], "/nothing", b"{}");
    assert_eq!(refusal(&reply), (404, Some(-32600)));
    assert_eq!(reply.headers["access-control-allow-origin"], "http://localhost:1");
}

#[test]
fn an_unknown_level_is_a_fault_of_the_parameters() {
    let server = server();
    let params = json!({"name": "effects", "_meta": {"io.modelcontextprotocol/logLevel": "loud"}});
    let reply = server.connect().ask(&modern(1, "tools/call", params), &[]);
    assert_eq!(refusal(&reply), (200, Some(-32602)), "{}", reply.body);
}

#[test]
fn a_notification_of_an_unknown_revision_is_refused() {
    let server = server();
    let message = notification("notifications/initialized", json!({}));
    for (version, status) in [("1999-01-01", 400), ("2025-06-18", 202), ("2026-07-28", 202)] {
        let reply = server.connect().ask(&message, &[("MCP-Protocol-Version", version)]);
        assert_eq!(reply.status, status, "{version}: {}", reply.body);
    }
}
