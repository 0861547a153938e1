//! The standard variables: what they ask for is done, and what cannot be is told at the start.

use std::process::Stdio;

use mcp_server_tests::Pipe;
use mcp_server_tests::services::Collector;
use serde_json::json;

use super::{PROTOCOLS, over_http, program};

/// How a start ends with these variables, and what it says.
fn start(variables: &[(&str, &str)], arguments: &[&str]) -> (Option<i32>, String) {
    let output = program()
        .args(["--http", "127.0.0.1:0", "--set", "store.url=memory:"])
        .args(arguments)
        .envs(variables.iter().copied())
        .stdin(Stdio::null())
        .output()
        .expect("it starts");
    (output.status.code(), String::from_utf8_lossy(&output.stderr).into_owned())
}

/// Everything that the server logs with these variables, from its start on.
fn started(variables: &[(&str, &str)]) -> Vec<String> {
    let mut command = program();
    command.envs(variables.iter().copied());
    let server = over_http(command, &["store.url=memory:"]);
    let reply = server.connect().ask(&mcp_server_tests::call(1, "look_up", json!({ "word": "tea" })), &[]);
    assert_eq!(reply.status, 200, "{variables:?}: {}", reply.body);
    let mut log = server.first_words().to_vec();
    log.extend(server.last_words());
    log
}

/// Nothing in the standard variables prevents a start: each is named in a warning, and by `config`.
#[test]
fn what_cannot_be_is_told_and_ignored() {
    let wrong = [
        ("OTEL_SDK_DISABLED", "1", "true or false"),
        ("OTEL_TRACES_EXPORTER", "console", "`console`"),
        ("OTEL_METRICS_EXPORTER", "otlp,prometheus", "admin.addr"),
        ("OTEL_EXPORTER_OTLP_PROTOCOL", "http/json", "grpc or http/protobuf"),
        ("OTEL_EXPORTER_OTLP_METRICS_ENDPOINT", "http://", "http://collector:4318"),
        ("OTEL_EXPORTER_OTLP_TIMEOUT", "10s", "milliseconds"),
        ("OTEL_EXPORTER_OTLP_COMPRESSION", "zstd", "gzip or none"),
        ("OTEL_EXPORTER_OTLP_HEADERS", "a=1,hush", "entry 2"),
        ("OTEL_EXPORTER_OTLP_CLIENT_KEY", "key.pem", "OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE"),
        ("OTEL_TRACES_SAMPLER", "jaeger_remote", "parentbased_always_on"),
        ("OTEL_BSP_MAX_QUEUE_SIZE", "0", "from 1 to"),
        ("OTEL_PROPAGATORS", "b3,xray", "tracecontext, baggage or none"),
        ("OTEL_RESOURCE_ATTRIBUTES", "team", "key=value"),
    ];
    let mut variables: Vec<(&str, &str)> = wrong.iter().map(|(name, value, _)| (*name, *value)).collect();
    variables.push(("OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:1"));
    let log = started(&variables);
    let output = program().arg("config").envs(variables.iter().copied()).output().expect("it runs");
    let shown = String::from_utf8_lossy(&output.stdout).into_owned();
    assert_eq!(output.status.code(), Some(0), "{shown}");
    for (name, _, words) in wrong {
        // The key alone is wrong by what is missing.
        let name = if name.ends_with("CLIENT_KEY") { words } else { name };
        let is_told = |line: &str| line.contains(name) && line.contains(words);
        assert!(log.iter().any(|line| line.contains("WARN") && is_told(line)), "{name}: {log:?}");
        assert!(shown.lines().any(|line| line.starts_with("# ignored: ") && is_told(line)), "{name}: {shown}");
    }
    assert!(!log.iter().any(|line| line.contains("hush")) && !shown.contains("hush"), "a header may be a secret");
}

/// A file that is not there costs the export, not the start.
#[test]
fn a_certificate_that_cannot_be_read_is_told_and_nothing_is_exported() {
    let trusted = ("OTEL_EXPORTER_OTLP_CERTIFICATE", "/nowhere/ca.pem");
    let endpoint = ("OTEL_EXPORTER_OTLP_ENDPOINT", "https://127.0.0.1:1");
    let log = started(&[endpoint, trusted]);
    assert!(log.iter().any(|line| line.contains("WARN") && line.contains("/nowhere/ca.pem")), "{log:?}");
    let (code, said) = start(&[endpoint, trusted], &["check"]);
    assert!(code == Some(0) && said.contains("/nowhere/ca.pem") && said.contains("warning"), "{said}");
    // Our own keys are checked as before.
    let (code, said) = start(&[endpoint, ("MCP_SERVER_LOG_FORMAT", "loud")], &[]);
    assert!(code == Some(78) && said.contains("MCP_SERVER_LOG_FORMAT"), "{said}");
}

/// Variables about exports that nobody asked for may be meant for another program.
#[test]
fn without_a_wish_nothing_is_sent_and_nothing_is_complained_about() {
    let collector = Collector::start("http/protobuf");
    for quiet in
        [("OTEL_SDK_DISABLED", "true"), ("OTEL_EXPORTER_OTLP_ENDPOINT", ""), ("MCP_SERVER_TELEMETRY_ENABLED", "false")]
    {
        let mut command = program();
        collector.receive(&mut command);
        command.env(quiet.0, quiet.1).env("OTEL_TRACES_SAMPLER", "xray");
        let server = over_http(command, &["admin.addr=127.0.0.1:0"]);
        let reply = server.connect().ask(&mcp_server_tests::call(1, "look_up", json!({ "word": "tea" })), &[]);
        assert_eq!(reply.status, 200, "{}", reply.body);
        drop(server.last_words());
    }
    assert_eq!(collector.asked(), 0);
}

#[test]
fn a_signal_can_be_switched_off() {
    for (variable, spans) in [("OTEL_METRICS_EXPORTER", true), ("OTEL_TRACES_EXPORTER", false)] {
        let collector = Collector::start("http/protobuf");
        let mut command = program();
        collector.receive(&mut command);
        command.env(variable, "none");
        let mut pipe = Pipe::run(command, &[]);
        pipe.ask(&mcp_server_tests::call(1, "look_up", json!({ "word": "tea" })));
        pipe.finish();
        assert_eq!((!collector.spans().is_empty(), collector.has_metrics()), (spans, !spans), "{variable}=none");
    }
}

#[test]
fn headers_and_compression_go_along() {
    let collector = Collector::start("http/protobuf");
    let mut command = program();
    collector.receive(&mut command);
    command.env("OTEL_EXPORTER_OTLP_HEADERS", "authorization=Bearer%20abc,x-scope=team");
    command.env("OTEL_EXPORTER_OTLP_COMPRESSION", "gzip");
    let server = over_http(command, &[]);
    server.connect().ask(&mcp_server_tests::call(1, "look_up", json!({ "word": "tea" })), &[]);
    collector.span_named("tools/call look_up");
    let (tokens, codings) = collector.headers();
    assert!(tokens.iter().all(|token| token == "Bearer abc") && !tokens.is_empty(), "{tokens:?}");
    assert!(codings.iter().all(|coding| coding == "gzip") && !codings.is_empty(), "{codings:?}");
    let log = server.last_words();
    assert!(!log.iter().any(|line| line.contains("Bearer")), "a header is a secret: {log:?}");
}

#[test]
fn a_collector_behind_tls_is_trusted_by_its_certificate() {
    for protocol in PROTOCOLS {
        let collector = Collector::start(protocol);
        let tls = collector.secured();
        let mut command = program();
        collector.receive(&mut command);
        command.env("OTEL_EXPORTER_OTLP_ENDPOINT", tls.url());
        command.env("OTEL_EXPORTER_OTLP_CERTIFICATE", tls.certificate());
        let server = over_http(command, &[]);
        server.connect().ask(&mcp_server_tests::call(1, "look_up", json!({ "word": "tea" })), &[]);
        collector.span_named("tools/call look_up");
        collector.metric("mcpserver.tool.calls", |_| true);
    }
}

/// A signal may go by another protocol to another place, at the URL just as it is said.
#[test]
fn each_signal_has_variables_of_its_own() {
    let (spans, metrics) = (Collector::start("grpc"), Collector::start("http/protobuf"));
    let mut command = program();
    metrics.receive(&mut command);
    command.env("OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:1");
    command.env("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", spans.url()).env("OTEL_EXPORTER_OTLP_TRACES_PROTOCOL", "grpc");
    command.env("OTEL_EXPORTER_OTLP_METRICS_ENDPOINT", format!("{}/v1/metrics", metrics.url()));
    let server = over_http(command, &[]);
    server.connect().ask(&mcp_server_tests::call(1, "look_up", json!({ "word": "tea" })), &[]);
    spans.span_named("tools/call look_up");
    metrics.metric("mcpserver.tool.calls", |_| true);
    assert!(!spans.has_metrics() && metrics.spans().is_empty());
}

#[test]
fn a_share_of_the_traces_can_be_kept() {
    let collector = Collector::start("http/protobuf");
    let mut command = program();
    collector.receive(&mut command);
    command.env("OTEL_TRACES_SAMPLER", "parentbased_traceidratio").env("OTEL_TRACES_SAMPLER_ARG", "0");
    let server = over_http(command, &[]);
    let ask = |id: &str, meta| {
        let params = json!({ "name": "look_up", "arguments": { "word": "tea" }, "_meta": meta });
        server.connect().ask(&mcp_server_tests::modern(id, "tools/call", params), &[]);
    };
    ask("of its own", json!({}));
    ask("of somebody", json!({ "traceparent": "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01" }));
    collector.span("of somebody", |span| span.attribute("jsonrpc.request.id") == "of somebody");
    assert!(collector.spans().iter().all(|span| span.attribute("jsonrpc.request.id") != "of its own"));
}
