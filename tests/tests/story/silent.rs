//! The story that started this framework: an upstream hangs, every connection to it is taken, and sixty calls fail behind
//! HTTP 200. Here the agent is told, the metrics count them, and the shipped alert fires in a real Prometheus.

use std::net::SocketAddr;
use std::process::Command;

use mcp_server_tests::services::Prometheus;
use mcp_server_tests::{Connection, Reply, Server, call};
use serde_json::{Value, json};

use super::warehouse::{Mood, Warehouse};

const PROGRAM: &str = env!("CARGO_BIN_EXE_shop-under-test");
const RULES: &str =
    include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/../mcp-server-core/observability/prometheus-rules.yml"));
const CALLS: &str = "mcpserver_tool_calls_total";

pub(crate) fn shop(warehouse: &Warehouse) -> Server {
    let mut command = Command::new(PROGRAM);
    command.args(["--http", "127.0.0.1:0"]).env("WAREHOUSE_URL", warehouse.url());
    Server::run(command, &["admin.addr=127.0.0.1:0", "quality.after=20"])
}

pub(crate) fn look(server: SocketAddr, id: u32) -> Reply {
    Connection::open(server).ask(&call(id, "stock", json!({ "words": "anything" })), &[])
}

/// So many calls, from twenty agents at once.
fn many(server: SocketAddr, count: u32) -> Vec<Reply> {
    std::thread::scope(|scope| {
        let agent = |first: u32| (first..count).step_by(20).map(|id| look(server, id)).collect::<Vec<Reply>>();
        let agents: Vec<_> = (0..20).map(|first| scope.spawn(move || agent(first))).collect();
        agents.into_iter().flat_map(|agent| agent.join().unwrap()).collect()
    })
}

/// The shipped rules, which wait here for a second where they wait for minutes: nothing else in them is changed.
fn impatient_rules() -> String {
    let line = |line: &str| match line.split_once("for: ") {
        Some((indent, _)) if indent.trim().is_empty() => format!("{indent}for: 1s\n"),
        _ => format!("{line}\n"),
    };
    RULES.lines().map(line).collect()
}

/// The agent hears that it failed, why, and that it must not make something up; nobody has to look at the status.
fn the_agent_was_told(replies: &[Reply]) {
    for reply in replies {
        assert_eq!(reply.status, 200, "that is why nothing that looks at HTTP sees it");
        let result = &reply.json()["result"];
        assert_eq!(result["isError"], true, "{result}");
        let kind = reply.tool_error()["kind"].as_str().unwrap().to_owned();
        assert!(["timeout", "upstream_unavailable"].contains(&kind.as_str()), "{kind}");
        let text = result["content"][0]["text"].as_str().unwrap();
        assert!(text.contains("do not answer from memory"), "{text}");
    }
}

#[test]
fn sixty_calls_that_fail_behind_http_200_are_told_counted_and_alerted() {
    let warehouse = Warehouse::start();
    let server = shop(&warehouse);
    let prometheus = Prometheus::start("shop", &[server.admin_address()], &impatient_rules());
    assert!(look(server.address(), 1).body.contains("axe"));

    // Most wait for one of four connections, which wait for an answer; then the service is gone altogether.
    warehouse.becomes(Mood::Hangs);
    let mut failed = many(server.address(), 40);
    warehouse.becomes(Mood::Gone);
    failed.extend(many(server.address(), 20));
    assert_eq!(failed.len(), 60);
    the_agent_was_told(&failed);

    let metrics = server.metrics();
    assert_eq!(metrics.sum(CALLS, &[("gen_ai_tool_name", "stock"), ("outcome", "failed")]), 60.0);
    assert!(metrics.sum(CALLS, &[("outcome", "failed"), ("kind", "timeout")]) >= 1.0, "some waited for an answer");
    let duration = "mcp_server_operation_duration_seconds_count";
    assert_eq!(metrics.sum(duration, &[("gen_ai_tool_name", "stock"), ("error_type", "tool_error")]), 60.0);

    if let Some(prometheus) = prometheus {
        prometheus.becomes(&format!("sum({CALLS}{{gen_ai_tool_name=\"stock\", outcome=\"failed\"}})"), 60.0);
        let alert = prometheus.fires("McpServerToolFailing");
        assert_eq!(alert["labels"]["gen_ai_tool_name"], "stock");
        assert_eq!((&alert["labels"]["job"], &alert["labels"]["severity"]), (&json!("shop"), &json!("critical")));
        let description = alert["annotations"]["description"].as_str().unwrap();
        assert!(description.contains("calls of stock of shop failed"), "{description}");
        every_rule_is_evaluated(&prometheus);
    }

    // What the agent can quote leads to the cause, which only the operator may read: in a line, or in the count of those
    // that were left out for being equal.
    let reference = failed[0].tool_error()["correlationId"].as_str().unwrap().to_owned();
    assert!(server.last_words().iter().any(|line| line.contains(&reference)), "the log has {reference}");
}

/// Prometheus takes every rule, and none of them fails on what a real server tells.
fn every_rule_is_evaluated(prometheus: &Prometheus) {
    let rules = prometheus.waits("every rule of a short interval has its turn", |prometheus| {
        let rules = prometheus.rules();
        let waiting = rules.iter().filter(|rule| rule["health"] == "unknown").count();
        // Those over three days are evaluated every two minutes.
        if waiting <= 2 { Ok(rules) } else { Err(format!("{waiting} wait")) }
    });
    assert!(rules.len() > 40, "{}", rules.len());
    let ill: Vec<&Value> = rules.iter().filter(|rule| rule["health"] == "err").collect();
    assert!(ill.is_empty(), "{ill:#?}");
}

#[test]
fn rows_that_fall_to_zero_behind_calls_that_succeed_raise_the_alert_on_quality() {
    let warehouse = Warehouse::start();
    let server = shop(&warehouse);
    let prometheus = Prometheus::start("shop", &[server.admin_address()], &impatient_rules());
    many(server.address(), 20);
    warehouse.becomes(Mood::Empty);
    for reply in many(server.address(), 20) {
        assert_eq!((reply.status, &reply.json()["result"]["isError"]), (200, &Value::Null), "{}", reply.body);
    }
    let deviations = "mcpserver_quality_deviations_total";
    assert_eq!(server.metrics().sum(deviations, &[("gen_ai_tool_name", "stock"), ("deviation", "empty")]), 20.0);
    if let Some(prometheus) = prometheus {
        let alert = prometheus.fires("McpServerQualityDeviations");
        assert_eq!(alert["labels"]["gen_ai_tool_name"], "stock");
        let alerts = prometheus.alerts();
        assert!(alerts.iter().all(|alert| alert["labels"]["alertname"] != "McpServerToolFailing"), "{alerts:#?}");
    }
}

#[test]
fn a_search_that_finds_nothing_says_so_and_is_counted_apart_from_failures() {
    let warehouse = Warehouse::start();
    let server = shop(&warehouse);
    look(server.address(), 1);
    warehouse.becomes(Mood::Empty);
    let reply = look(server.address(), 2);
    assert!(reply.body.contains("nothing in stock has these words"), "{}", reply.body);
    let metrics = server.metrics();
    for (outcome, count) in [("complete", 1.0), ("empty", 1.0), ("failed", 0.0)] {
        assert_eq!(metrics.sum(CALLS, &[("gen_ai_tool_name", "stock"), ("outcome", outcome)]), count, "{outcome}");
    }
    assert_eq!(metrics.sum("mcpserver_tool_result_rows_sum", &[]), 3.0);
    assert_eq!(metrics.sum("mcpserver_tool_result_rows_count", &[]), 2.0);
}
