//! Metrics as a collector gets them.

use mcp_server_tests::services::{Attributes, Collector};
use serde_json::json;

use super::client::{Client, Way};
use super::{PROTOCOLS, program, server};

const BOUNDS: [f64; 17] =
    [0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 30.0, 60.0, 120.0, 300.0];

#[test]
fn durations_have_the_unit_the_bounds_and_the_attributes_of_the_conventions() {
    for protocol in PROTOCOLS {
        for way in Way::ALL {
            let collector = Collector::start(protocol);
            let mut command = program();
            collector.receive(&mut command);
            let mut client = Client::start(way, command);
            client.call(1, "look_up", json!({ "word": "tea" }));
            let tool = [("gen_ai.tool.name", "look_up")];
            let durations = collector.metric("mcp.server.operation.duration", |metric| metric.point(&tool).is_some());
            assert_eq!((durations.unit(), durations.scope()), ("s", "mcp-server"));
            let point = durations.point(&tool).unwrap();
            assert_eq!((point.bounds.as_slice(), point.count), (&BOUNDS[..], 1.0));
            let mut expected = Attributes::from([
                ("mcp.method.name".to_owned(), json!("tools/call")),
                ("gen_ai.tool.name".to_owned(), json!("look_up")),
                ("gen_ai.operation.name".to_owned(), json!("execute_tool")),
                ("mcp.protocol.version".to_owned(), json!(way.revision())),
                ("network.transport".to_owned(), json!(if way.http { "tcp" } else { "pipe" })),
            ]);
            if way.http {
                expected.insert("network.protocol.name".to_owned(), json!("http"));
                expected.insert("network.protocol.version".to_owned(), json!("1.1"));
            }
            assert_eq!(point.attributes, expected, "{way:?}");
        }
    }
}

#[test]
fn calls_are_counted_by_how_they_ended() {
    let collector = Collector::start("http/protobuf");
    let server = server(&collector, &[]);
    let call = |tool: &str, arguments| {
        server.connect().ask(&mcp_server_tests::call(1, tool, arguments), &[]);
    };
    for _ in 0..3 {
        call("look_up", json!({ "word": "tea" }));
    }
    call("find_nothing", json!({}));
    call("fail", json!({}));
    call("nobody-of-this-name", json!({}));
    let failed =
        [("gen_ai.tool.name", "fail"), ("mcpserver.outcome", "failed"), ("mcpserver.kind", "upstream_unavailable")];
    let calls = collector.metric("mcpserver.tool.calls", |metric| metric.point(&failed).is_some());
    let count = |attributes: &[(&str, &str)]| calls.point(attributes).map(|point| point.count);
    assert_eq!(count(&failed), Some(1.0));
    assert_eq!(count(&[("gen_ai.tool.name", "look_up"), ("mcpserver.outcome", "complete")]), Some(3.0));
    assert_eq!(count(&[("gen_ai.tool.name", "find_nothing"), ("mcpserver.outcome", "empty")]), Some(1.0));
    let told = format!("{:?}", collector.metric("mcp.server.operation.duration", |metric| metric.points().len() > 3));
    assert!(!told.contains("nobody-of-this-name"), "a name of the caller's own is no label");
}

#[test]
fn a_session_of_the_legacy_era_has_a_duration() {
    let collector = Collector::start("grpc");
    let server = server(&collector, &[]);
    let reply = server.connect().ask(&mcp_server_tests::initialize("2025-11-25"), &[]);
    let mut connection = server.connect();
    connection.send("DELETE", "/mcp", &[("Mcp-Session-Id", &reply.headers["mcp-session-id"])], b"");
    assert!(connection.reply().status < 300);
    let sessions = collector.metric("mcp.server.session.duration", |metric| !metric.points().is_empty());
    let point = sessions.points().remove(0);
    assert_eq!((sessions.unit(), point.bounds.as_slice()), ("s", &BOUNDS[..]));
    assert_eq!(point.attributes["mcp.protocol.version"], "2025-11-25");
}

#[test]
fn a_collector_that_wants_only_what_is_new_gets_that() {
    let collector = Collector::start("http/protobuf");
    let mut command = program();
    collector.receive(&mut command);
    command.env("OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE", "delta");
    let server = super::over_http(command, &[]);
    server.connect().ask(&mcp_server_tests::call(1, "find_nothing", json!({})), &[]);
    assert!(collector.metric("mcpserver.tool.calls", |_| true).is_delta());
}

#[test]
fn prometheus_and_a_collector_see_the_same() {
    let collector = Collector::start("http/protobuf");
    let server = server(&collector, &["admin.addr=127.0.0.1:0"]);
    server.connect().ask(&mcp_server_tests::call(1, "find_nothing", json!({})), &[]);
    let calls =
        collector.metric("mcpserver.tool.calls", |metric| metric.point(&[("mcpserver.outcome", "empty")]).is_some());
    assert_eq!(calls.point(&[("mcpserver.outcome", "empty")]).map(|point| point.count), Some(1.0));
    let (status, page) = server.admin("/metrics");
    let line = "mcpserver_tool_calls_total{gen_ai_tool_name=\"find_nothing\",outcome=\"empty\"} 1";
    assert!(status == 200 && page.contains(line), "{page}");
}
