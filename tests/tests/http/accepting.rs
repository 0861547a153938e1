//! `Accept`: what a client that reads no event stream gets (RFC 9110 section 12.5.1).

use mcp_server_tests::{Reply, Server, initialize, legacy, modern};
use serde_json::{Value, json};

use super::{ask_with, server};

/// Opens a legacy session; returns its id.
fn session(server: &Server) -> String {
    server.connect().ask(&initialize("2025-06-18"), &[]).headers["mcp-session-id"].clone()
}

/// Sends a legacy message with the lines of `Accept` that are given.
fn send(server: &Server, session: &str, message: &Value, accept: &[&str]) -> Reply {
    let mut headers = vec![("Content-Type", "application/json"), ("Mcp-Session-Id", session)];
    headers.extend(accept.iter().map(|line| ("Accept", *line)));
    let mut connection = server.connect();
    connection.send("POST", "/mcp", &headers, message.to_string().as_bytes());
    connection.reply()
}

#[test]
fn a_tool_that_must_ask_fails_at_once_for_a_client_without_events() {
    let server = server();
    let session = session(&server);
    for (tool, argument) in [("test_elicitation", "message"), ("test_sampling", "prompt")] {
        let call = legacy(1, "tools/call", json!({"name": tool, "arguments": {argument: "Who?"}}));
        for accept in [&["application/json"][..], &["application/json", "text/event-stream;q=0"]] {
            let reply = send(&server, &session, &call, accept);
            let error = reply.tool_error();
            assert_eq!((reply.status, &error["kind"]), (200, &json!("misconfigured")), "{}", reply.body);
            assert!(error["message"].as_str().unwrap().contains("`Accept`"), "{error}");
        }
    }
}

#[test]
fn events_are_accepted_in_every_spelling() {
    let server = server();
    let session = session(&server);
    for accept in [
        &["application/json", "text/event-stream"][..],
        &["APPLICATION/JSON, TEXT/EVENT-STREAM"],
        &["application/json;q=0.5, text/*"],
    ] {
        let call = json!({"name": "test_tool_with_progress", "arguments": {}, "_meta": {"progressToken": 7}});
        let reply = send(&server, &session, &legacy(1, "tools/call", call), accept);
        assert_eq!(reply.headers["content-type"], "text/event-stream", "{accept:?}");
        assert!(reply.body.contains("notifications/progress"), "{accept:?}: {}", reply.body);
    }
}

#[test]
fn a_subscription_needs_events() {
    let server = server();
    let listen = modern("s", "subscriptions/listen", json!({"notifications": {"toolsListChanged": true}}));
    for accept in ["application/json", "text/event-stream;q=0, */*"] {
        let reply = ask_with(&mut server.connect(), &listen, &[("Accept", Some(accept))]);
        assert_eq!((reply.status, &reply.json()["error"]["code"]), (406, &json!(-32600)), "{}", reply.body);
        assert_eq!(reply.json()["id"], "s");
    }
}
