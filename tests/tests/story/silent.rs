//! The story that started this framework: an upstream hangs, every connection to it is taken, and sixty calls fail behind
//! HTTP 200. Here the agent is told, the metrics count them, and the shipped alert fires in a real Prometheus.

use mcp_server_tests::Server;
use mcp_server_tests::services::Prometheus;
use serde_json::Value;

use super::shop::{self, CALLS, look, many, many_find_all};
use super::warehouse::{Mood, Warehouse};

fn shop_before(warehouse: &Warehouse) -> Server {
    shop::open(shop::program(&warehouse.url()))
}

#[test]
fn sixty_calls_that_fail_behind_http_200_are_told_counted_and_alerted() {
    let warehouse = Warehouse::start();
    let server = shop_before(&warehouse);
    let prometheus = shop::prometheus(&server);
    many_find_all(server.address(), 0..1);

    // Most wait for one of four connections, which wait for an answer; then the service is gone altogether.
    warehouse.becomes(Mood::Hangs);
    let mut failed = many(server.address(), 1..41);
    warehouse.becomes(Mood::Gone);
    failed.extend(many(server.address(), 41..61));
    assert_eq!(failed.len(), 60);
    shop::the_agents_were_told(&failed, &["timeout", "upstream_unavailable"]);

    shop::the_failed_are_counted(&server, 60.0);
    let waited = server.metrics().sum(CALLS, &[("outcome", "failed"), ("kind", "timeout")]);
    assert!(waited >= 1.0, "some waited for an answer");

    if let Some(prometheus) = prometheus {
        shop::the_failed_are_alerted(&prometheus, 60.0);
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
    let server = shop_before(&warehouse);
    let prometheus = shop::prometheus(&server);
    many_find_all(server.address(), 0..20);
    warehouse.becomes(Mood::Empty);
    shop::twenty_results_are_off(&server, 20..40);
    if let Some(prometheus) = prometheus {
        shop::the_results_are_alerted(&prometheus);
        let alerts = prometheus.alerts();
        assert!(alerts.iter().all(|alert| alert["labels"]["alertname"] != "McpServerToolFailing"), "{alerts:#?}");
    }
}

#[test]
fn a_search_that_finds_nothing_says_so_and_is_counted_apart_from_failures() {
    let warehouse = Warehouse::start();
    let server = shop_before(&warehouse);
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
