//! The span of a message, to the letter of the conventions for MCP.

use mcp_server_tests::services::{Attributes, Collector};
use serde_json::{Value, json};

use super::client::{Client, Way};
use super::{PROTOCOLS, program, server};

const SENDER: &str = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
const AMBIENT: &str = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

fn client(collector: &Collector, way: Way) -> Client {
    let mut command = program();
    collector.receive(&mut command);
    Client::start(way, command)
}

/// Those of a call that ended well, but for the session.
fn expected(way: Way, id: &str) -> Attributes {
    let mut expected = Attributes::from([
        ("mcp.method.name".to_owned(), json!("tools/call")),
        ("gen_ai.tool.name".to_owned(), json!("look_up")),
        ("gen_ai.operation.name".to_owned(), json!("execute_tool")),
        ("jsonrpc.request.id".to_owned(), json!(id)),
        ("mcp.protocol.version".to_owned(), json!(way.revision())),
        ("network.transport".to_owned(), json!(if way.http { "tcp" } else { "pipe" })),
        ("mcpserver.outcome".to_owned(), json!("complete")),
    ]);
    if way.http {
        expected.insert("network.protocol.name".to_owned(), json!("http"));
        expected.insert("network.protocol.version".to_owned(), json!("1.1"));
    }
    expected
}

#[test]
fn a_call_is_a_server_span_with_the_attributes_of_the_conventions() {
    for protocol in PROTOCOLS {
        let collector = Collector::start(protocol);
        for way in Way::ALL {
            let mut client = client(&collector, way);
            let id = format!("call-{}-{}", way.http, way.modern);
            client.call(id.as_str(), "look_up", json!({ "word": "tea" }));
            let span = collector.span(&id, |span| span.attribute("jsonrpc.request.id") == json!(id));
            assert_eq!((span.name(), span.kind()), ("tools/call look_up", "SERVER"));
            assert_eq!((span.status(), span.parent()), (("UNSET", ""), String::new()), "{way:?}");
            let mut attributes = span.attributes();
            let session = attributes.remove("mcp.session.id");
            assert_eq!(session.is_some(), way.http && !way.modern, "{way:?}: {session:?}");
            if let (Some(session), Some(id)) = (&session, client.session()) {
                assert_ne!(session, id, "who sees the span must not be able to speak in the session");
            }
            assert_eq!(attributes, expected(way, &id), "{way:?}");
        }
    }
}

#[test]
fn the_sender_is_the_parent_and_the_request_that_carried_it_a_link() {
    let collector = Collector::start("http/protobuf");
    for way in Way::ALL {
        let mut client = client(&collector, way);
        let mut call = |id: &str, meta: Value, headers: &[(&str, &str)]| {
            let id = format!("{id}-{}-{}", way.http, way.modern);
            let params = json!({ "name": "look_up", "arguments": { "word": "tea" }, "_meta": meta });
            client.ask(id.as_str(), "tools/call", params, headers);
            collector.span(&id, |span| span.attribute("jsonrpc.request.id") == json!(id))
        };
        let carried = json!({ "traceparent": SENDER, "tracestate": "vendor=1" });
        let both = call("both", carried.clone(), &[("traceparent", AMBIENT)]);
        assert_eq!(format!("00-{}-{}-01", both.trace(), both.parent()), SENDER, "{way:?}");
        let ambient = AMBIENT.trim_start_matches("00-").trim_end_matches("-01");
        assert_eq!(both.links(), if way.http { vec![ambient.to_owned()] } else { Vec::new() });
        let sender = call("sender", carried, &[]);
        assert_eq!((sender.trace(), sender.links()), (both.trace(), Vec::new()));
        let alone = call("alone", json!({}), &[("traceparent", AMBIENT)]);
        let parent = format!("{}-{}", alone.trace(), alone.parent());
        assert_eq!(parent == ambient, way.http, "an HTTP request that is traced alone is the parent");
    }
}

#[test]
fn a_sender_that_does_not_sample_is_obeyed() {
    let collector = Collector::start("http/protobuf");
    let server = server(&collector, &[]);
    let call = |id: &str, flags: &str| {
        let parent = format!("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-{flags}");
        let meta = json!({ "traceparent": parent });
        let params = json!({ "name": "look_up", "arguments": { "word": "tea" }, "_meta": meta });
        server.connect().ask(&mcp_server_tests::modern(id, "tools/call", params), &[]);
    };
    call("unsampled", "00");
    call("sampled", "01");
    collector.span("sampled", |span| span.attribute("jsonrpc.request.id") == "sampled");
    let spans = collector.spans();
    assert!(spans.iter().all(|span| span.attribute("jsonrpc.request.id") != "unsampled"), "{spans:?}");
}

#[test]
fn other_messages_are_spans_too_and_a_resource_is_no_part_of_a_name() {
    let collector = Collector::start("grpc");
    let mut client = client(&collector, Way { http: false, modern: true });
    client.ask(1, "tools/list", json!({}), &[]);
    client.ask(2, "prompts/get", json!({ "name": "summary" }), &[]);
    client.ask(3, "resources/read", json!({ "uri": "traced://note/7" }), &[]);
    let list = collector.span_named("tools/list");
    assert_eq!(list.attribute("gen_ai.operation.name"), Value::Null);
    let prompt = collector.span_named("prompts/get summary");
    assert_eq!(prompt.attribute("gen_ai.prompt.name"), "summary");
    assert_eq!(prompt.attribute("gen_ai.operation.name"), Value::Null);
    let resource = collector.span_named("resources/read");
    assert_eq!(resource.attribute("mcp.resource.uri"), "traced://note/{id}", "what the caller chose is not told");
    assert_eq!(resource.attribute("jsonrpc.request.id"), "3");
    client.leave();

    let server = server(&collector, &["telemetry.arguments=true"]);
    let read = mcp_server_tests::modern("told", "resources/read", json!({ "uri": "traced://note/7" }));
    server.connect().ask(&read, &[]);
    let told = collector.span("told", |span| span.attribute("jsonrpc.request.id") == "told");
    assert_eq!(told.attribute("mcp.resource.uri"), "traced://note/7");
}

#[test]
fn a_session_begins_with_spans_of_its_own() {
    for http in [false, true] {
        let collector = Collector::start("http/protobuf");
        let client = client(&collector, Way { http, modern: false });
        let opening = collector.span_named("initialize");
        assert_eq!((opening.kind(), opening.attribute("mcp.protocol.version")), ("SERVER", json!("2025-11-25")));
        let opened = collector.span_named("notifications/initialized");
        assert_eq!((opened.kind(), opened.status().0), ("SERVER", "UNSET"));
        assert_eq!(opened.attribute("mcp.protocol.version"), "2025-11-25");
        assert_eq!(opened.attribute("jsonrpc.request.id"), Value::Null, "nobody asked");
        client.leave();
    }
}

#[test]
fn the_resource_says_who_it_is_and_the_standard_variables_say_it_better() {
    let collector = Collector::start("http/protobuf");
    let running = server(&collector, &[]);
    running.connect().ask(&mcp_server_tests::call(1, "look_up", json!({ "word": "tea" })), &[]);
    let resource = collector.span_named("tools/call look_up").resource().clone();
    assert_eq!((&resource["service.name"], &resource["service.version"]), (&json!("traced"), &json!("1.2.3")));
    assert!(resource["service.instance.id"].as_str().is_some_and(|id| !id.is_empty()));

    let collector = Collector::start("http/protobuf");
    let mut command = program();
    collector.receive(&mut command);
    command.env("OTEL_SERVICE_NAME", "tickets").env("OTEL_RESOURCE_ATTRIBUTES", "deployment.environment.name=test");
    let running = super::over_http(command, &[]);
    running.connect().ask(&mcp_server_tests::call(1, "look_up", json!({ "word": "tea" })), &[]);
    let resource = collector.span_named("tools/call look_up").resource().clone();
    assert_eq!((&resource["service.name"], &resource["service.version"]), (&json!("tickets"), &json!("1.2.3")));
    assert_eq!(resource["deployment.environment.name"], "test");
}

/// No span waits for a batch or a timer that never comes.
#[test]
fn the_last_spans_and_metrics_are_sent_when_the_server_ends() {
    for protocol in PROTOCOLS {
        for http in [true, false] {
            let collector = Collector::start(protocol);
            let mut command = program();
            collector.receive(&mut command);
            command.env("OTEL_BSP_SCHEDULE_DELAY", "3600000").env("OTEL_METRIC_EXPORT_INTERVAL", "3600000");
            let mut client = Client::start(Way { http, modern: true }, command);
            client.call(1, "look_up", json!({ "word": "tea" }));
            assert_eq!(collector.asked(), 0, "it is not time yet");
            client.leave();
            collector.span_named("tools/call look_up");
            collector
                .metric("mcpserver.tool.calls", |metric| metric.point(&[("mcpserver.outcome", "complete")]).is_some());
        }
    }
}
