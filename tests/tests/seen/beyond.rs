//! A trace that goes on beyond the server: to services, to databases, and back to the client.

use std::io::{BufRead as _, BufReader, Write as _};
use std::net::{Ipv4Addr, TcpListener};
use std::process::Command;
use std::sync::mpsc;
use std::thread;

use mcp_server_tests::services::Collector;
use mcp_server_tests::{Pipe, call, initialize, legacy, modern, notification};
use serde_json::{Value, json};

use super::{over_http, program, server};

const SENDER: &str = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

/// A service that answers one request with a status, and shows its headers.
fn service(status: &'static str) -> (String, mpsc::Receiver<Vec<String>>) {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let address = listener.local_addr().unwrap();
    let (tell, told) = mpsc::channel();
    thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        let lines = BufReader::new(stream.try_clone().unwrap()).lines().map_while(Result::ok);
        let head: Vec<String> = lines.take_while(|line| !line.is_empty()).collect();
        write!(stream, "HTTP/1.1 {status}\r\ncontent-length: 2\r\nconnection: close\r\n\r\nok").unwrap();
        tell.send(head).unwrap();
    });
    (format!("http://{address}/things?name=secret"), told)
}

fn header(head: &[String], name: &str) -> Option<String> {
    head.iter().find_map(|line| line.strip_prefix(name)?.strip_prefix(": ").map(str::to_owned))
}

#[test]
fn a_request_to_a_service_is_a_span_and_takes_the_trace_along() {
    let collector = Collector::start("http/protobuf");
    let server = server(&collector, &[]);
    let (url, told) = service("200 OK");
    let meta = json!({ "traceparent": SENDER, "tracestate": "vendor=1", "baggage": "tenant=blue" });
    let params = json!({ "name": "fetch", "arguments": { "url": url }, "_meta": meta });
    server.connect().ask(&modern(1, "tools/call", params), &[]);
    let head = told.recv().unwrap();
    let call = collector.span_named("tools/call fetch");
    let request = collector.span_named("GET");
    assert_eq!((request.kind(), request.parent(), request.trace()), ("CLIENT", call.id(), call.trace()));
    assert_eq!(request.attribute("http.response.status_code"), 200);
    assert_eq!(header(&head, "traceparent"), Some(format!("00-{}-{}-01", request.trace(), request.id())));
    assert_eq!(
        (header(&head, "tracestate"), header(&head, "baggage")),
        (Some("vendor=1".into()), Some("tenant=blue".into()))
    );
    assert!(!request.text().contains("secret"), "what is asked for may be a secret: {}", request.text());

    let (url, told) = service("503 Service Unavailable");
    server.connect().ask(&mcp_server_tests::call(2, "fetch", json!({ "url": url })), &[]);
    told.recv().unwrap();
    let refused = collector.span("a refusal", |span| span.attribute("error.type") == "503");
    assert_eq!(refused.status().0, "ERROR");
}

#[test]
fn without_exporters_the_trace_goes_on_as_it_came() {
    let server = over_http(program(), &[]);
    let (url, told) = service("200 OK");
    let params = json!({ "name": "fetch", "arguments": { "url": url }, "_meta": { "traceparent": SENDER } });
    server.connect().ask(&modern(1, "tools/call", params), &[]);
    assert_eq!(header(&told.recv().unwrap(), "traceparent").as_deref(), Some(SENDER));
}

#[test]
fn a_query_is_a_span_of_the_call_and_holds_no_value() {
    let collector = Collector::start("grpc");
    let server = server(&collector, &[]);
    server.connect().ask(&call(1, "count", json!({ "title": "secret" })), &[]);
    let call = collector.span_named("tools/call count");
    let query = collector.span("a query", |span| span.parent() == call.id());
    assert_eq!((query.name(), query.kind(), query.trace()), ("SELECT films", "CLIENT", call.trace()));
    assert_eq!(query.attribute("db.query.summary"), "SELECT films");
    assert!(!query.text().contains("secret") && !query.text().contains("count(*)"), "{}", query.text());
}

/// How a legacy client is asked, and what it sees of the trace.
fn question(command: Command) -> Value {
    let mut pipe = Pipe::run(command, &[]);
    pipe.ask(&initialize("2025-11-25"));
    pipe.send(&notification("notifications/initialized", json!({})));
    let meta = json!({ "traceparent": SENDER });
    pipe.send(&legacy(1, "tools/call", json!({ "name": "ask", "arguments": {}, "_meta": meta })));
    let question = pipe.next();
    let answer = json!({ "action": "accept", "content": { "word": "tea" } });
    pipe.send(&json!({ "jsonrpc": "2.0", "id": question["id"], "result": answer }));
    assert_eq!(pipe.next()["result"]["content"][0]["text"], "tea");
    pipe.finish();
    question
}

#[test]
fn a_question_to_the_client_is_a_span_and_takes_the_trace_along() {
    let collector = Collector::start("http/protobuf");
    let mut command = program();
    collector.receive(&mut command);
    let question = question(command);
    let call = collector.span_named("tools/call ask");
    let asked = collector.span_named("elicitation/create");
    assert_eq!((asked.kind(), asked.parent(), asked.trace()), ("CLIENT", call.id(), call.trace()));
    assert_eq!((asked.attribute("mcp.method.name"), asked.status().0), (json!("elicitation/create"), "UNSET"));
    let carried = format!("00-{}-{}-01", asked.trace(), asked.id());
    assert_eq!(question["params"]["_meta"]["traceparent"], carried);
    let durations = collector.metric("mcp.client.operation.duration", |metric| !metric.points().is_empty());
    let point = durations.point(&[("mcp.method.name", "elicitation/create")]).unwrap();
    assert_eq!((durations.unit(), point.attributes["network.transport"].as_str()), ("s", Some("pipe")));
}

#[test]
fn a_question_within_a_result_takes_the_trace_along() {
    let collector = Collector::start("http/protobuf");
    let server = server(&collector, &[]);
    let meta = json!({ "io.modelcontextprotocol/clientCapabilities": { "elicitation": {} }, "traceparent": SENDER });
    let asked = modern(1, "tools/call", json!({ "name": "ask", "arguments": {}, "_meta": meta }));
    let reply = server.connect().ask(&asked, &[]).json();
    let call = collector.span_named("tools/call ask");
    assert_eq!((call.attribute("mcpserver.outcome"), call.status().0), (json!("input_required"), "UNSET"));
    let carried = format!("00-{}-{}-01", call.trace(), call.id());
    assert_eq!(reply["result"]["inputRequests"]["word"]["params"]["_meta"]["traceparent"], carried, "{reply}");
}
