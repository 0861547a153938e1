//! A collector that is down, refuses or never answers: calls go on, and what is lost is counted.

use std::process::Command;
use std::time::{Duration, Instant};

use mcp_server_tests::Server;
use mcp_server_tests::services::{Collector, Mood};
use serde_json::json;

use super::{PROTOCOLS, over_http, program};

/// More than wait in the queue that the tests give it.
const CALLS: usize = 200;

fn lossy(mut command: Command) -> Server {
    command.env("OTEL_BSP_MAX_QUEUE_SIZE", "16").env("OTEL_BSP_MAX_EXPORT_BATCH_SIZE", "8");
    over_http(command, &["admin.addr=127.0.0.1:0"])
}

fn all_calls_succeed(server: &Server) {
    let mut connection = server.connect();
    for id in 0..CALLS {
        let reply = connection.ask(&mcp_server_tests::call(id, "find_nothing", json!({})), &[]);
        assert_eq!((reply.status, &reply.json()["result"]["isError"]), (200, &json!(null)), "{}", reply.body);
    }
}

/// How much was lost of a signal, for a reason.
fn lost(server: &Server, signal: &str, reason: &str) -> u64 {
    let (status, page) = server.admin("/metrics");
    assert_eq!(status, 200);
    let series = format!("mcpserver_telemetry_dropped_total{{reason=\"{reason}\",signal=\"{signal}\"}} ");
    let line = page.lines().find_map(|line| line.strip_prefix(series.as_str()));
    line.unwrap_or_else(|| panic!("{series} is there from the start: {page}")).parse().expect("a number")
}

/// Waits until so much is lost of a signal, for whatever reason.
fn loses(server: &Server, signal: &str, least: u64) {
    let began = Instant::now();
    loop {
        let full = if signal == "traces" { lost(server, signal, "queue_full") } else { 0 };
        let all = full + lost(server, signal, "export_failed");
        if all >= least {
            return;
        }
        assert!(began.elapsed() < Duration::from_mins(1), "{all} {signal} are lost, and not {least}");
        std::thread::sleep(Duration::from_millis(20));
    }
}

fn told(log: &[String]) -> usize {
    log.iter().filter(|line| line.contains("telemetry could not be exported") && line.contains("\"traces\"")).count()
}

#[test]
fn a_collector_that_refuses_costs_spans_and_no_call() {
    for protocol in PROTOCOLS {
        let collector = Collector::start(protocol);
        collector.behave(Mood::Refusing);
        let mut command = program();
        collector.receive(&mut command);
        let server = lossy(command);
        assert_eq!(lost(&server, "traces", "queue_full"), 0, "it is there before there is any");
        all_calls_succeed(&server);
        loses(&server, "metrics", 1);
        loses(&server, "traces", CALLS as u64);
        let log = server.last_words();
        assert!((1..=2).contains(&told(&log)), "once a minute and once at the end: {log:?}");
    }
}

#[test]
fn a_collector_that_is_down_costs_spans_and_no_call() {
    for protocol in PROTOCOLS {
        let mut command = program();
        Collector::miss(protocol, &mut command);
        let server = lossy(command);
        all_calls_succeed(&server);
        loses(&server, "metrics", 1);
        loses(&server, "traces", CALLS as u64);
    }
}

#[test]
fn a_collector_that_never_answers_costs_spans_and_no_call_and_no_end() {
    for protocol in PROTOCOLS {
        let collector = Collector::start(protocol);
        collector.behave(Mood::Silent);
        let mut command = program();
        collector.receive(&mut command);
        command.env("OTEL_EXPORTER_OTLP_TIMEOUT", "600000");
        let server = lossy(command);
        server.connect().ask(&mcp_server_tests::call("first", "find_nothing", json!({})), &[]);
        // One request of each signal hangs from now on.
        collector.is_asked(2);
        all_calls_succeed(&server);
        loses(&server, "traces", CALLS as u64 - 2 * 16);
        assert!(lost(&server, "traces", "queue_full") > 0);
        let log = server.last_words();
        assert!(told(&log) > 0, "the last ones are lost, and it is said: {log:?}");
    }
}

#[test]
fn a_collector_that_comes_back_gets_what_comes_then() {
    let collector = Collector::start("grpc");
    collector.behave(Mood::Refusing);
    let mut command = program();
    collector.receive(&mut command);
    let server = lossy(command);
    all_calls_succeed(&server);
    loses(&server, "traces", CALLS as u64);
    collector.behave(Mood::Well);
    server.connect().ask(&mcp_server_tests::call("later", "find_nothing", json!({})), &[]);
    collector.span("later", |span| span.attribute("jsonrpc.request.id") == "later");
}

#[test]
fn a_collector_that_is_busy_for_a_moment_gets_everything() {
    for protocol in PROTOCOLS {
        let collector = Collector::start(protocol);
        collector.behave(Mood::Busy);
        let mut command = program();
        collector.receive(&mut command);
        command.env("OTEL_METRICS_EXPORTER", "none");
        let server = over_http(command, &["admin.addr=127.0.0.1:0"]);
        server.connect().ask(&mcp_server_tests::call("first", "find_nothing", json!({})), &[]);
        collector.span("first", |span| span.attribute("jsonrpc.request.id") == "first");
        assert!(collector.asked() >= 2, "it was asked again");
        assert_eq!((lost(&server, "traces", "queue_full"), lost(&server, "traces", "export_failed")), (0, 0));
    }
}

#[test]
fn a_collector_that_is_tired_for_ever_costs_the_spans_that_it_did_not_take() {
    for protocol in PROTOCOLS {
        let collector = Collector::start(protocol);
        collector.behave(Mood::Tired);
        let mut command = program();
        collector.receive(&mut command);
        command.env("OTEL_METRICS_EXPORTER", "none");
        let server = over_http(command, &["admin.addr=127.0.0.1:0"]);
        let call = |id: &str| {
            server.connect().ask(&mcp_server_tests::call(id, "find_nothing", json!({})), &[]);
        };
        call("lost");
        loses(&server, "traces", 1);
        call("later");
        collector.span("later", |span| span.attribute("jsonrpc.request.id") == "later");
    }
}

#[test]
fn a_redirect_is_a_loss_and_not_a_success() {
    let collector = Collector::start("http/protobuf");
    collector.behave(Mood::Moved);
    let mut command = program();
    collector.receive(&mut command);
    let server = over_http(command, &["admin.addr=127.0.0.1:0"]);
    server.connect().ask(&mcp_server_tests::call(1, "find_nothing", json!({})), &[]);
    loses(&server, "traces", 1);
    loses(&server, "metrics", 1);
}

#[test]
fn spans_that_a_collector_does_not_want_are_counted() {
    for protocol in PROTOCOLS {
        let collector = Collector::start(protocol);
        collector.behave(Mood::Choosy);
        let mut command = program();
        collector.receive(&mut command);
        let server = over_http(command, &["admin.addr=127.0.0.1:0"]);
        server.connect().ask(&mcp_server_tests::call("first", "find_nothing", json!({})), &[]);
        loses(&server, "traces", 1);
        let log = server.last_words();
        assert!(log.iter().any(|line| line.contains("did not want")), "{log:?}");
    }
}

#[test]
fn a_collector_that_is_not_trusted_gets_nothing() {
    for protocol in PROTOCOLS {
        let collector = Collector::start(protocol);
        let tls = collector.secured();
        let mut command = program();
        collector.receive(&mut command);
        command.env("OTEL_EXPORTER_OTLP_ENDPOINT", tls.url());
        let server = lossy(command);
        server.connect().ask(&mcp_server_tests::call(1, "find_nothing", json!({})), &[]);
        loses(&server, "traces", 1);
        loses(&server, "metrics", 1);
        assert_eq!(collector.asked(), 0);
    }
}
