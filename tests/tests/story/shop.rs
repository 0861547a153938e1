//! The shop in front of a warehouse, the agents that ask it, and what must be seen of it whatever the warehouse is.

use std::net::SocketAddr;
use std::ops::Range;
use std::process::Command;

use mcp_server_tests::services::Prometheus;
use mcp_server_tests::{Connection, Reply, Server, call};
use serde_json::{Value, json};

const PROGRAM: &str = env!("CARGO_BIN_EXE_shop-under-test");
pub(crate) const RULES: &str =
    include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/../mcp-server-core/observability/prometheus-rules.yml"));
pub(crate) const CALLS: &str = "mcpserver_tool_calls_total";

/// The program, with its warehouse at this URL.
pub(crate) fn program(warehouse: &str) -> Command {
    let mut command = Command::new(PROGRAM);
    command.args(["--http", "127.0.0.1:0"]).env("WAREHOUSE_URL", warehouse);
    command
}

pub(crate) fn open(command: Command) -> Server {
    Server::run(command, &["admin.addr=127.0.0.1:0", "quality.after=20", "tools.stock.timeout=2s"])
}

pub(crate) fn look(server: SocketAddr, id: u32) -> Reply {
    look_with(server, id, "stock")
}

pub(crate) fn look_with(server: SocketAddr, id: u32, tool: &str) -> Reply {
    Connection::open(server).ask(&call(id, tool, json!({ "words": "anything" })), &[])
}

/// A call of each of these ids, all at once.
pub(crate) fn many(server: SocketAddr, ids: Range<u32>) -> Vec<Reply> {
    std::thread::scope(|scope| {
        let agents: Vec<_> = ids.map(|id| scope.spawn(move || look(server, id))).collect();
        agents.into_iter().map(|agent| agent.join().unwrap()).collect()
    })
}

/// The same, and each of them finds the three things that there are.
pub(crate) fn many_find_all(server: SocketAddr, ids: Range<u32>) {
    for reply in many(server, ids) {
        let found = &reply.json()["result"]["structuredContent"]["rows"];
        assert_eq!(found, &json!([{ "name": "axe" }, { "name": "bow" }, { "name": "cup" }]), "{}", reply.body);
    }
}

/// A Prometheus with the shipped rules, which wait here for a moment where they wait for minutes: nothing else in them is
/// changed.
pub(crate) fn prometheus(server: &Server) -> Option<Prometheus> {
    let line = |line: &str| match line.split_once("for: ") {
        Some((indent, _)) if indent.trim().is_empty() => format!("{indent}for: 250ms\n"),
        _ => format!("{line}\n"),
    };
    Prometheus::start("shop", &[server.admin_address()], &RULES.lines().map(line).collect::<String>())
}

/// The agent hears that it failed, of what kind that is, whether to try again, and that it must not make something up;
/// nobody has to look at the status, and nothing looks like a list.
pub(crate) fn the_agents_were_told(replies: &[Reply], kinds: &[&str]) {
    for reply in replies {
        assert_eq!(reply.status, 200, "that is why nothing that looks at HTTP sees it");
        let (result, error) = (&reply.json()["result"], reply.tool_error());
        assert_eq!((&result["isError"], &result["structuredContent"]), (&json!(true), &Value::Null), "{result}");
        assert!(kinds.contains(&error["kind"].as_str().unwrap()), "{error}");
        assert_eq!(error["retryable"], true, "{error}");
        assert_eq!(result["content"].as_array().unwrap().len(), 1, "{result}");
        let text = result["content"][0]["text"].as_str().unwrap();
        for part in [&error["message"], &error["advice"], &error["kind"], &error["correlationId"]] {
            assert!(text.contains(part.as_str().unwrap()), "{part} is not in {text}");
        }
        assert!(text.contains("do not answer from memory"), "{text}");
    }
}

/// What the server counted: so many failed calls, behind so many operations that failed.
pub(crate) fn the_failed_are_counted(server: &Server, count: f64) {
    let metrics = server.metrics();
    assert_eq!(metrics.sum(CALLS, &[("gen_ai_tool_name", "stock"), ("outcome", "failed")]), count);
    let duration = "mcp_server_operation_duration_seconds_count";
    assert_eq!(metrics.sum(duration, &[("gen_ai_tool_name", "stock"), ("error_type", "tool_error")]), count);
}

/// Prometheus saw so many failed calls, and the shipped alert on a tool that fails says which one it is.
pub(crate) fn the_failed_are_alerted(prometheus: &Prometheus, count: f64) {
    prometheus.becomes(&format!("sum({CALLS}{{gen_ai_tool_name=\"stock\", outcome=\"failed\"}})"), count);
    let alert = prometheus.fires("McpServerToolFailing");
    assert_eq!(alert["labels"]["gen_ai_tool_name"], "stock");
    assert_eq!((&alert["labels"]["job"], &alert["labels"]["severity"]), (&json!("shop"), &json!("critical")));
    let description = alert["annotations"]["description"].as_str().unwrap();
    assert!(description.contains("calls of stock of shop failed"), "{description}");
}

/// Twenty calls that find nothing in a warehouse that was emptied: each succeeds, and is off what is normal.
pub(crate) fn twenty_results_are_off(server: &Server, ids: Range<u32>) {
    assert_eq!(ids.len(), 20);
    for reply in many(server.address(), ids) {
        assert_eq!((reply.status, &reply.json()["result"]["isError"]), (200, &Value::Null), "{}", reply.body);
        assert!(reply.body.contains("nothing in stock has these words"), "{}", reply.body);
    }
    let deviations = "mcpserver_quality_deviations_total";
    let off = server.metrics().sum(deviations, &[("gen_ai_tool_name", "stock"), ("deviation", "empty")]);
    assert!((16.0..=20.0).contains(&off), "{off}: the second and the third empty result may be chance");
}

/// The shipped alert on results that are off says of which tool.
pub(crate) fn the_results_are_alerted(prometheus: &Prometheus) {
    let alert = prometheus.fires("McpServerQualityDeviations");
    assert_eq!(alert["labels"]["gen_ai_tool_name"], "stock");
}
