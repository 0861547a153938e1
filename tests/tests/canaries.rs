//! Canaries: what clients send is looked for in everything that leaves a server beside their own results.

#![allow(
    clippy::expect_used,
    clippy::needless_pass_by_value,
    clippy::panic,
    clippy::unwrap_used,
    reason = "all of it is test code, where a panic says that a test failed"
)]

use std::process::Command;

use mcp_server_tests::services::{Collector, SeenSpan};
use mcp_server_tests::{Pipe, Server, call, initialize, legacy, modern, notification};
use serde_json::{Value, json};

const LEAKY: &str = env!("CARGO_BIN_EXE_leaky-under-test");
/// What stands in every value that a client sends here, in any case, and nowhere else.
const CANARY: &str = "canary";
/// The settings under which most is told.
const LOUD: [&str; 2] = ["log.level=trace", "admin.addr=127.0.0.1:0"];

/// The program, which tells a collector of everything, with backtraces.
fn program(collector: &Collector) -> Command {
    let mut command = Command::new(LEAKY);
    for (name, _) in std::env::vars().filter(|(name, _)| name.starts_with("OTEL_")) {
        command.env_remove(name);
    }
    command.env("RUST_BACKTRACE", "1");
    collector.receive(&mut command);
    command
}

/// Every way in which a request fails, by the name of what it asks, with a canary of its own.
fn failures() -> Vec<Value> {
    let long = "canary-long ".repeat(300);
    let calls = [
        ("cause", json!({ "word": "Canary 7 \"quoted\" é\n" })),
        ("cause", json!({ "word": long })),
        ("decode", json!({ "word": "canary-decode-1" })),
        ("search", json!({ "words": "canary_column : x" })),
        ("search", json!({ "words": "\"canary" })),
        ("ask_slowly", json!({ "word": "canary-slow" })),
        ("log_on_a_thread", json!({ "word": "canary-driver", "pin": "canary-pin" })),
        ("burst", json!({ "word": "canary-burst" })),
        ("burst_on_a_thread", json!({ "word": "canary \"on\" a thread" })),
        ("burst_apart", json!({ "word": "canary-apart" })),
        ("stumble", json!({})),
        ("tell", json!({ "word": "canary-told" })),
        ("log_in", json!({ "user": "canary-user", "password": "canary-password" })),
        ("open", json!({ "accounts": [{ "name": "canary-name", "code": "canary-code" }] })),
        ("dawdle", json!({ "word": "canary-dawdle" })),
        ("short", json!({ "word": "canary-too-long", "number": 4 })),
        ("short", json!({ "word": ["canary"], "number": "canary" })),
        ("once", json!({ "word": "canary-once" })),
        ("once", json!({ "word": "canary-once" })),
    ];
    let mut all: Vec<Value> =
        calls.into_iter().enumerate().map(|(index, (tool, arguments))| call(index, tool, arguments)).collect();
    let completion = json!({
        "ref": { "type": "ref/prompt", "name": "draft" },
        "argument": { "name": "topic", "value": "canary-typed" },
    });
    all.push(modern("p", "prompts/get", json!({ "name": "draft", "arguments": { "topic": "canary-topic" } })));
    all.push(modern("c", "completion/complete", completion));
    all.push(modern("r", "resources/read", json!({ "uri": "leaky://note/canary-note" })));
    all
}

/// What names something that is not there is told to whoever asked, and to nobody else.
fn unknown() -> Vec<Value> {
    vec![
        call("u", "canary_tool", json!({ "word": "canary" })),
        call("n", "short", json!({ "word": "abc", "number": 1, "canary_member": "canary-member" })),
        modern("v", "resources/read", json!({ "uri": "canary://nowhere" })),
        modern("w", "prompts/get", json!({ "name": "canary_prompt" })),
        modern("x", "canary/method", json!({})),
    ]
}

/// Looks for canaries.
fn sings(text: &str) -> bool {
    text.to_ascii_lowercase().contains(CANARY)
}

/// Asserts that no canary is in any of these texts.
fn silent<'a>(what: &str, texts: impl IntoIterator<Item = &'a str>) {
    let singing: Vec<&str> = texts.into_iter().filter(|text| sings(text)).collect();
    assert!(singing.is_empty(), "{what}: {} of them, such as {}", singing.len(), singing[0]);
}

fn collected(collector: &Collector) -> Vec<String> {
    let metrics = collector.all_metrics();
    let spans = collector.spans();
    spans.iter().map(SeenSpan::text).chain(metrics.iter().map(|metric| format!("{metric:?}"))).collect()
}

fn texts(all: &[String]) -> impl Iterator<Item = &str> {
    all.iter().map(String::as_str)
}

/// Asks everything over HTTP, and gives up one call in the middle.
fn ask_by_http(server: &Server) -> Vec<String> {
    let mut answers = Vec::new();
    for message in failures() {
        let reply = server.connect().ask(&message, &[]);
        assert!(!reply.body.is_empty());
        answers.push(reply.body);
    }
    for message in unknown() {
        server.connect().ask(&message, &[]);
    }
    let mut leaving = server.connect();
    leaving.post(&call("leaving", "dawdle", json!({ "word": "canary-leaving" })), &[]);
    drop(leaving);
    let opened = server.connect().ask(&initialize("2025-11-25"), &[]);
    let session = [("Mcp-Session-Id", opened.headers["mcp-session-id"].as_str())];
    let job = json!({ "name": "job", "arguments": { "word": "canary-job" }, "task": { "ttl": 60_000 } });
    let created = server.connect().ask(&legacy(1, "tools/call", job), &session).json();
    let id = &created["result"]["task"]["taskId"];
    assert!(id.is_string(), "{created}");
    answers.push(server.connect().ask(&legacy(2, "tasks/result", json!({ "taskId": id })), &session).body);
    answers
}

#[test]
fn nothing_that_clients_send_is_told_over_http() {
    let collector = Collector::start("http/protobuf");
    let mut command = program(&collector);
    command.args(["--http", "127.0.0.1:0"]);
    let server = Server::run(command, &LOUD);
    let answers = ask_by_http(&server);
    silent("answers", texts(&answers));
    collector.span_named("tools/call job");
    // An author's spans are there, also of what was given up in the middle, and their fields say what stood in them.
    for name in ["traced", "traced_for_long"] {
        let fields = collector.span_named(name).attributes();
        assert_eq!(fields["word"], "[argument /word]", "{fields:?}");
    }
    collector.metric("mcpserver.tool.calls", |metric| metric.point(&[("mcpserver.outcome", "failed")]).is_some());
    let page = server.admin("/metrics").1;
    assert!(page.contains("mcpserver_tool_calls_total"));
    silent("metrics", page.lines());
    let log = server.last_words();
    silent("log", texts(&log));
    silent("spans and exported metrics", texts(&collected(&collector)));
    assert!(log.iter().any(|line| line.contains("[argument /word]")), "causes are told without it");
    assert!(log.iter().any(|line| line.contains("stumbled over nothing")), "other panics are seen");
    assert!(log.iter().any(|line| line.contains("FROM t WHERE pin = ")), "statements of drivers keep their shape");
    let is_slow = |line: &String| line.contains("slow statement") && line.contains("SELECT i + ? FROM n");
    assert!(log.iter().any(is_slow), "the slow statement of the driver is logged");
    assert!(log.iter().any(|line| line.contains("backtrace") && line.contains("leaky.rs")));
    assert!(log.iter().all(|line| serde_json::from_str::<Value>(line).is_ok()), "each line is JSON");
}

#[test]
fn nothing_that_clients_send_is_told_over_stdio() {
    for format in ["log.format=json", "log.format=pretty"] {
        let collector = Collector::start("grpc");
        let mut pipe = Pipe::run(program(&collector), &["log.level=trace", format]);
        for message in failures() {
            let answer = pipe.ask(&message);
            assert_eq!(answer["id"], message["id"]);
            silent("answers", [answer.to_string().as_str()]);
        }
        for message in unknown() {
            pipe.ask(&message);
        }
        pipe.send(&call("leaving", "dawdle", json!({ "word": "canary-leaving" })));
        pipe.send(&notification("notifications/cancelled", json!({ "requestId": "leaving", "reason": "canary" })));
        pipe.write(b"{\"canary\": ");
        pipe.next();
        collector.metric("mcpserver.tool.calls", |metric| metric.point(&[("mcpserver.outcome", "failed")]).is_some());
        let log = pipe.last_words();
        silent("log", texts(&log));
        silent("spans and exported metrics", texts(&collected(&collector)));
        assert!(log.iter().any(|line| line.contains("[argument /word]")));
    }
}

/// The search finds what is there: with both settings the arguments and results are told, and secrets still are not.
#[test]
fn where_arguments_and_results_are_told_secrets_are_not() {
    let collector = Collector::start("http/protobuf");
    let mut command = program(&collector);
    command.args(["--http", "127.0.0.1:0"]);
    let server = Server::run(command, &["telemetry.arguments=true", "telemetry.results=true", "log.level=debug"]);
    let arguments = json!({ "word": "canary-word AKIAIOSFODNN7EXAMPLE", "pin": "s3cret-pin" });
    let reply = server.connect().ask(&call(1, "echo", arguments), &[]);
    assert!(reply.body.contains("canary-word") && reply.body.contains("s3cret-pin"), "its own result is whole");
    let span = collector.span_named("tools/call echo");
    let said: Value = serde_json::from_str(span.attribute("gen_ai.tool.call.arguments").as_str().unwrap()).unwrap();
    assert_eq!(said, json!({ "word": "canary-word [redacted:aws]", "pin": "[secret]" }));
    let result = span.attribute("gen_ai.tool.call.result").as_str().unwrap().to_owned();
    assert!(result.contains("canary-word") && result.contains("[secret]"), "{result}");
    assert!(sings(&span.text()));
    server.connect().ask(&modern(2, "resources/read", json!({ "uri": "leaky://note/canary-note" })), &[]);
    let read = collector.span("a resource", |span| span.name() == "resources/read");
    assert_eq!(read.attribute("mcp.resource.uri"), "leaky://note/canary-note");
    let login = json!({ "user": "canary-user", "password": "s3cret-password" });
    server.connect().ask(&call(3, "log_in", login), &[]);
    let log = server.last_words();
    assert!(log.iter().any(|line| line.contains("canary-user") && line.contains("[secret]")), "logs tell arguments");
    let mut all = collected(&collector);
    all.extend(log);
    assert!(all.iter().all(|text| !text.contains("s3cret") && !text.contains("AKIA")));
}

/// Without the settings the span has the template that a resource is registered under.
#[test]
fn a_resource_is_told_as_it_is_registered() {
    let collector = Collector::start("http/protobuf");
    let mut command = program(&collector);
    command.args(["--http", "127.0.0.1:0"]);
    let server = Server::run(command, &[]);
    server.connect().ask(&modern(1, "resources/read", json!({ "uri": "leaky://note/canary-note" })), &[]);
    let read = collector.span("a resource", |span| span.name() == "resources/read");
    assert_eq!(read.attribute("mcp.resource.uri"), "leaky://note/{id}");
}

/// TP10: the secrets of the configuration are looked for by their text.
#[test]
fn secrets_of_the_configuration_are_never_told() {
    let collector = Collector::start("http/protobuf");
    let mut command = program(&collector);
    command.args(["--http", "127.0.0.1:0"]);
    command.env("OTEL_EXPORTER_OTLP_HEADERS", "authorization=Bearer%20kitchen-sink-of-a-collector");
    let token = "kitchen-sink-of-an-operator";
    let server = Server::run(command, &[LOUD[0], LOUD[1], &format!("admin.token={token}")]);
    let wanted = json!({ "word": format!("{token} kitchen-sink-of-a-collector") });
    server.connect().ask(&call(1, "cause", wanted.clone()), &[]);
    server.connect().ask(&call(2, "burst_apart", wanted), &[]);
    collector.span_named("tools/call cause");
    let mut all = server.last_words();
    all.extend(collected(&collector));
    assert!(all.iter().all(|text| !text.contains("kitchen-sink")));
}
