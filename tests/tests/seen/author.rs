//! What an author traces and measures goes the same way.

use mcp_server_tests::services::Collector;
use mcp_server_tests::{Pipe, Server};
use serde_json::json;

use super::{PROTOCOLS, TRACED, server};

#[test]
fn an_authors_spans_are_children_of_the_call() {
    for protocol in PROTOCOLS {
        let collector = Collector::start(protocol);
        let server = server(&collector, &["log.level=error,mcp_server=info"]);
        server.connect().ask(&mcp_server_tests::call(1, "look_up", json!({ "word": "tea" })), &[]);
        let call = collector.span_named("tools/call look_up");
        let step = collector.span_named("step");
        let deeper = collector.span_named("deeper");
        assert_eq!((step.parent(), deeper.parent()), (call.id(), step.id()));
        assert_eq!((step.trace(), deeper.trace()), (call.trace(), call.trace()));
        assert_eq!((step.kind(), step.attribute("quick")), ("INTERNAL", json!(true)));
        assert_eq!(step.events(), ["half way"], "what is logged within a span is part of it");
        let ours = collector.spans().into_iter().filter(|span| span.scope() == "tracing");
        assert!(ours.clone().all(|span| ["step", "deeper"].contains(&span.name())), "{:?}", ours.collect::<Vec<_>>());
    }
}

#[test]
fn a_blocking_tool_is_part_of_the_trace_on_its_thread() {
    let collector = Collector::start("http/protobuf");
    let server = server(&collector, &[]);
    server.connect().ask(&mcp_server_tests::call(1, "work", json!({})), &[]);
    let call = collector.span_named("tools/call work");
    assert_eq!(collector.span_named("deeper").parent(), call.id());
}

#[test]
fn what_an_author_adds_to_the_span_of_a_call_is_on_it() {
    for protocol in PROTOCOLS {
        let collector = Collector::start(protocol);
        let server = server(&collector, &[]);
        server.connect().ask(&mcp_server_tests::call(1, "work", json!({})), &[]);
        let call = collector.span_named("tools/call work");
        assert_eq!((call.attribute("shelf"), call.attribute("mcpserver.outcome")), (json!(7), json!("complete")));
        assert_eq!((call.events(), call.scope()), (vec!["found"], "mcp-server"));
        let text = call.text();
        assert!(text.contains("[redacted:password]") && !text.contains("marzipan"), "it is looked through: {text}");
    }
}

#[test]
fn an_authors_instruments_are_exported_and_scraped() {
    let collector = Collector::start("http/protobuf");
    let server = server(&collector, &["admin.addr=127.0.0.1:0"]);
    server.connect().ask(&mcp_server_tests::call(1, "look_up", json!({ "word": "tea" })), &[]);
    let metric = collector.metric("author.look_ups", |metric| metric.point(&[("kind", "word")]).is_some());
    assert_eq!((metric.scope(), metric.points()[0].count), ("author", 1.0));
    assert!(server.admin("/metrics").1.contains("author_look_ups_total{kind=\"word\"} 1"));
}

/// What the libraries of telemetry tell of themselves is no news, unless somebody asks for it.
#[test]
fn open_telemetry_is_quiet_unless_it_is_asked_for() {
    for (settings, is_told) in [(&[][..], false), (&["log.level=info"][..], true)] {
        let collector = Collector::start("http/protobuf");
        let mut command = super::program();
        collector.receive(&mut command);
        command.env_remove("RUST_LOG");
        let mut pipe = Pipe::run(command, settings);
        pipe.ask(&mcp_server_tests::call(1, "look_up", json!({ "word": "tea" })));
        let log = pipe.last_words();
        assert!(log.iter().any(|line| line.contains("half way")), "an author's own lines are there: {log:#?}");
        assert_eq!(log.iter().any(|line| line.contains("\"target\":\"opentelemetry")), is_told, "{log:#?}");
    }
}

#[test]
fn an_authors_crash_reporter_hears_of_panics_beside_the_log() {
    let server = Server::start(TRACED, &[]);
    server.connect().ask(&mcp_server_tests::call(1, "break_down", json!({})), &[]);
    server.logged("the function of a call panicked");
    let line = server.logged("the crash reporter was told");
    assert!(line.contains("\"call\":\"break_down\""), "it runs within the call: {line}");
}
