//! What is an error of a span, and whose.

use mcp_server_tests::services::{Collector, SeenSpan};
use mcp_server_tests::{Server, modern};
use serde_json::{Value, json};

use super::{PROTOCOLS, server};

fn ask(collector: &Collector, server: &Server, id: &str, method: &str, params: Value) -> SeenSpan {
    server.connect().ask(&modern(id, method, params), &[]);
    collector.span(id, |span| span.attribute("jsonrpc.request.id") == json!(id))
}

fn call(collector: &Collector, server: &Server, tool: &str, arguments: Value) -> SeenSpan {
    ask(collector, server, tool, "tools/call", json!({ "name": tool, "arguments": arguments }))
}

/// The status, `error.type` and the code.
fn judged(span: &SeenSpan) -> (&'static str, Value, Value) {
    (span.status().0, span.attribute("error.type"), span.attribute("rpc.response.status_code"))
}

#[test]
fn a_tool_that_fails_is_an_error_whatever_http_says() {
    for protocol in PROTOCOLS {
        let collector = Collector::start(protocol);
        let server = server(&collector, &[]);
        let failed = call(&collector, &server, "fail", json!({}));
        assert_eq!(judged(&failed), ("ERROR", json!("tool_error"), Value::Null));
        assert_eq!(
            (failed.attribute("mcpserver.outcome"), failed.attribute("mcpserver.kind")),
            (json!("failed"), json!("upstream_unavailable"))
        );
        let broken = call(&collector, &server, "break_down", json!({}));
        assert_eq!((judged(&broken).1, broken.attribute("mcpserver.kind")), (json!("tool_error"), json!("internal")));
        let wrong = call(&collector, &server, "look_up", json!({ "word": 1 }));
        assert_eq!(judged(&wrong), ("ERROR", json!("tool_error"), Value::Null), "the model is told by a tool error");
        assert_eq!(wrong.attribute("mcpserver.kind"), "invalid_argument");
    }
}

#[test]
fn an_explained_empty_is_no_error() {
    let collector = Collector::start("http/protobuf");
    let server = server(&collector, &[]);
    let empty = call(&collector, &server, "find_nothing", json!({}));
    assert_eq!(judged(&empty), ("UNSET", Value::Null, Value::Null));
    assert_eq!(empty.attribute("mcpserver.outcome"), "empty");
}

#[test]
fn what_is_the_callers_fault_has_a_code_and_no_error() {
    let collector = Collector::start("http/protobuf");
    let server = server(&collector, &[]);
    let unknown = call(&collector, &server, "nobody", json!({}));
    assert_eq!(judged(&unknown), ("UNSET", Value::Null, json!("-32602")));
    assert_eq!(unknown.name(), "tools/call", "a name of the caller's own is no part of the span's name");
    assert_eq!(unknown.attribute("gen_ai.tool.name"), Value::Null);
    let missing = ask(&collector, &server, "missing", "tools/dance", json!({}));
    assert_eq!(judged(&missing), ("UNSET", Value::Null, json!("-32601")));
}

#[test]
fn what_is_the_servers_fault_is_an_error_by_its_code() {
    let collector = Collector::start("http/protobuf");
    let server = server(&collector, &[]);
    let lost = ask(&collector, &server, "lost", "resources/read", json!({ "uri": "traced://note/lost" }));
    assert_eq!(judged(&lost), ("ERROR", json!("-32603"), json!("-32603")));
    assert!(!lost.status().1.is_empty(), "the status says what the client was told");
}

#[test]
fn a_call_that_is_given_up_ends_its_span() {
    let collector = Collector::start("http/protobuf");
    let server = server(&collector, &["admin.addr=127.0.0.1:0"]);
    let mut connection = server.connect();
    connection.post(&mcp_server_tests::call("given-up", "dawdle", json!({})), &[]);
    let running = "mcpserver_tool_in_flight{gen_ai_tool_name=\"dawdle\"} 1";
    while !server.admin("/metrics").1.contains(running) {
        std::thread::yield_now();
    }
    drop(connection);
    let given_up = collector.span_named("tools/call dawdle");
    assert_eq!((given_up.status().0, given_up.attribute("mcpserver.outcome")), ("ERROR", json!("cancelled")));
}
