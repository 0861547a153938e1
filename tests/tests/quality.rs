//! Results that are off what is normal for their tool: counted, logged, told; known after a restart and on every replica.

#![allow(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    clippy::expect_used,
    clippy::float_cmp,
    clippy::needless_pass_by_value,
    clippy::panic,
    clippy::unwrap_used,
    reason = "all of it is test code, where a panic says that a test failed and figures are small whole numbers"
)]

use std::time::{Duration, Instant};

use mcp_server_tests::services::{Postgres, Redis};
use mcp_server_tests::{Folder, Server, call, initialize, legacy, modern};
use serde_json::{Value, json};

const PROGRAM: &str = env!("CARGO_BIN_EXE_quality-under-test");

fn server(settings: &[&str]) -> Server {
    let mut all = vec!["admin.addr=127.0.0.1:0"];
    all.extend(settings);
    Server::start(PROGRAM, &all)
}

/// Calls a tool so many times, and gives out the last result.
fn results(server: &Server, times: usize, tool: &str, arguments: Value) -> Value {
    let mut connection = server.connect();
    let mut last = Value::Null;
    for _ in 0..times {
        let reply = connection.ask(&call(1, tool, arguments.clone()), &[]);
        last = reply.json()["result"].take();
        assert!(last.is_object(), "{}", reply.body);
    }
    last
}

fn texts(result: &Value) -> Vec<&str> {
    result["content"].as_array().unwrap().iter().filter_map(|block| block["text"].as_str()).collect()
}

/// The value of a series; 0 if there is none.
fn metric(server: &Server, name: &str, labels: &[&str]) -> f64 {
    let (status, page) = server.admin("/metrics");
    assert_eq!(status, 200);
    let mut lines = page.lines().filter(|line| line.starts_with(&format!("{name}{{")));
    let line = lines.find(|line| labels.iter().all(|label| line.contains(label)));
    line.and_then(|line| line.rsplit(' ').next()).map_or(0.0, |value| value.parse().unwrap())
}

fn deviations(server: &Server, tool: &str, deviation: &str) -> u64 {
    let labels = [&*format!("gen_ai_tool_name=\"{tool}\""), &*format!("deviation=\"{deviation}\"")];
    metric(server, "mcpserver_quality_deviations_total", &labels) as u64
}

fn baseline(server: &Server, tool: &str, measure: &str) -> f64 {
    let labels = [&*format!("gen_ai_tool_name=\"{tool}\""), &*format!("measure=\"{measure}\"")];
    metric(server, "mcpserver_quality_baseline", &labels)
}

/// Waits until a server knows what is normal for a tool, doing something in between.
fn until_known(server: &Server, tool: &str, mut meanwhile: impl FnMut()) {
    let began = Instant::now();
    while baseline(server, tool, "bytes_median") == 0.0 {
        assert!(began.elapsed() < Duration::from_mins(1), "it does not come to know what is normal");
        meanwhile();
        std::thread::sleep(Duration::from_millis(100));
    }
}

#[test]
fn rows_that_fall_to_none_are_counted_and_logged_and_the_result_stays_as_it_is() {
    let server = server(&["quality.tell=false", "quality.after=100"]);
    results(&server, 100, "list", json!({}));
    let empty = results(&server, 1, "list", json!({ "rows": 0 }));
    assert_eq!(deviations(&server, "list", "empty"), 1);
    assert_eq!(baseline(&server, "list", "rows_median"), 12.0);
    assert!(baseline(&server, "list", "empty_ratio") < 0.01, "it is not the share of the last minute");
    assert!(baseline(&server, "list", "bytes_median") > 100.0);
    assert!(baseline(&server, "list", "seconds_median") < 10.0);
    assert!(!texts(&empty).iter().any(|text| text.contains("Note")), "{empty}");

    let line: Value = serde_json::from_str(&server.logged("\"deviation\":\"empty\"")).unwrap();
    let said = |name: &str| line.get(name).or_else(|| line["fields"].get(name)).cloned().unwrap_or_default();
    assert_eq!(line["level"], "WARN");
    assert!(said("reference").is_string(), "it says of which call: {line}");
    assert_eq!((said("tool"), said("deviation")), (json!("list"), json!("empty")));
    assert_eq!((said("rows"), said("rows_median"), said("results")), (json!(0), json!(12), json!(100)));

    results(&server, 20, "list", json!({ "rows": 0 }));
    assert_eq!(deviations(&server, "list", "empty"), 21, "and it does not soon become normal");
    let lines = server.last_words();
    let repeated = lines.iter().filter(|line| line.contains("\"deviation\":\"empty\"")).count();
    assert_eq!(repeated, 0, "the same is said once in a minute");
}

#[test]
fn an_agent_is_told_from_twenty_results_on() {
    let server = server(&[]);
    let usual = results(&server, 20, "list", json!({}));
    assert_eq!(texts(&usual).len(), 1);
    let empty = results(&server, 1, "list", json!({ "rows": 0 }));
    let told = texts(&empty).last().copied().unwrap().to_owned();
    assert!(told.starts_with("Note: this tool normally returns rows (median 12 of the last 20 results)"), "{told}");
    assert!(told.contains("none"), "{told}");
    let few = results(&server, 1, "list", json!({ "rows": 2 }));
    let told = texts(&few).last().copied().unwrap().to_owned();
    assert!(told.contains("median 12 rows") && told.contains("has 2 rows"), "{told}");
    assert_eq!(few["structuredContent"]["rows"].as_array().unwrap().len(), 2, "the data are as they were");
    assert_eq!(texts(&results(&server, 1, "list", json!({}))).len(), 1, "what is normal is left alone");
    assert_eq!((deviations(&server, "list", "empty"), deviations(&server, "list", "small")), (1, 1));
}

#[test]
fn bytes_and_time_have_their_baselines_too() {
    let server = server(&["quality.tell_slow=true"]);
    let mut connection = server.connect();
    for number in 0..20 {
        let key = json!({ "rs.mcp-server/idempotencyKey": format!("key-{number}") });
        let message =
            modern(1, "tools/call", json!({ "name": "write", "arguments": { "letters": 2000 }, "_meta": key }));
        assert_eq!(connection.ask(&message, &[]).status, 200);
    }
    let short = json!({ "name": "write", "arguments": { "letters": 200 } });
    let first = connection.ask(&modern(1, "tools/call", short.clone()), &[]).json();
    let told = texts(&first["result"]).last().copied().unwrap().to_owned();
    assert!(told.contains("bytes") && told.contains("incomplete"), "{told}");
    connection.ask(&modern(1, "tools/call", short), &[]);
    assert_eq!(deviations(&server, "write", "small"), 1, "a repeat is no new result");

    let mut longest = Duration::ZERO;
    for _ in 0..20 {
        let began = Instant::now();
        results(&server, 1, "list_some", json!({}));
        longest = longest.max(began.elapsed());
    }
    let slow = Duration::from_millis(200) + 30 * longest;
    let slow = results(&server, 1, "list_some", json!({ "millis": slow.as_millis() as u64 }));
    let told = texts(&slow).last().copied().unwrap().to_owned();
    assert!(told.contains("this call took") && told.contains("the median of the last 20"), "{told}");
    assert_eq!(deviations(&server, "list_some", "slow"), 1);
}

#[test]
fn a_tool_that_is_often_empty_deviates_only_by_a_long_run_of_empties() {
    let server = server(&[]);
    for _ in 0..8 {
        results(&server, 4, "list", json!({}));
        results(&server, 1, "list", json!({ "rows": 0 }));
    }
    assert_eq!(deviations(&server, "list", "empty"), 0);
    results(&server, 30, "list", json!({ "rows": 0 }));
    let off = deviations(&server, "list", "empty");
    assert!((15..28).contains(&off), "{off} of 30: one in five is usual, and so many in a row are not");
}

#[test]
fn the_last_results_are_a_gauge_that_needs_no_rate() {
    let server = server(&[]);
    let recent = |measure: &str, last: &str| {
        let labels = ["gen_ai_tool_name=\"list\"", &*format!("measure=\"{measure}\""), &*format!("last=\"{last}\"")];
        metric(&server, "mcpserver_quality_recent", &labels)
    };
    results(&server, 20, "list", json!({}));
    assert_eq!((recent("empty", "10"), recent("off", "10")), (0.0, 0.0));
    results(&server, 10, "list", json!({ "rows": 0 }));
    assert_eq!((recent("empty", "10"), recent("empty", "20"), recent("empty", "50")), (1.0, 0.5, 0.0));
    assert!(recent("off", "10") >= 0.7, "{}", recent("off", "10"));
}

#[test]
fn failed_calls_say_nothing_of_results() {
    let server = server(&["quality.after=10"]);
    results(&server, 10, "fail", json!({ "really": false }));
    let before = baseline(&server, "fail", "bytes_median");
    let failed = results(&server, 40, "fail", json!({ "really": true }));
    assert_eq!(failed["isError"], true);
    assert_eq!(baseline(&server, "fail", "bytes_median"), before);
    assert_eq!(deviations(&server, "fail", "small") + deviations(&server, "fail", "empty"), 0);
}

#[test]
fn a_client_that_gets_less_by_its_revision_gets_nothing_less() {
    let server = server(&["quality.after=10"]);
    results(&server, 10, "list", json!({ "rows": 200 }));
    let opened = server.connect().ask(&initialize("2024-11-05"), &[]);
    let session = [("Mcp-Session-Id", opened.headers["mcp-session-id"].as_str())];
    let call = legacy(1, "tools/call", json!({ "name": "list", "arguments": { "rows": 200 } }));
    let reply = server.connect().ask(&call, &session);
    assert!(reply.json()["result"].get("structuredContent").is_none(), "half of it: {}", reply.body);
    assert_eq!(deviations(&server, "list", "small"), 0);
}

#[test]
fn the_results_of_tasks_are_results() {
    let server = server(&["quality.after=10"]);
    results(&server, 10, "list", json!({}));
    let able = json!({ "extensions": { "io.modelcontextprotocol/tasks": {} } });
    let meta = json!({ "io.modelcontextprotocol/clientCapabilities": able });
    let ask = |method: &str, mut params: Value| {
        params["_meta"] = meta.clone();
        server.connect().ask(&modern(1, method, params), &[]).json()["result"].take()
    };
    let created = ask("tools/call", json!({ "name": "list", "arguments": { "rows": 0, "millis": 300 } }));
    assert_eq!(created["resultType"], "task", "{created}");
    let mut connection = server.connect();
    let id = created["taskId"].as_str().unwrap();
    let mut listen = json!({ "notifications": { "taskIds": [id] } });
    listen["_meta"] = meta.clone();
    connection.post(&modern(1, "subscriptions/listen", listen), &[]);
    connection.head();
    connection.read_until(r#""status":"completed""#);
    let done = ask("tasks/get", json!({ "taskId": id }));
    assert!(texts(&done["result"]).last().unwrap().starts_with("Note: "), "{done}");
    assert_eq!((deviations(&server, "list", "empty"), deviations(&server, "list", "slow")), (1, 0));
}

#[test]
fn nothing_is_done_where_it_is_off() {
    let server = server(&["quality.enabled=false", "quality.after=10"]);
    results(&server, 20, "list", json!({}));
    let empty = results(&server, 1, "list", json!({ "rows": 0 }));
    assert!(!texts(&empty).iter().any(|text| text.contains("Note")), "{empty}");
    let (_, page) = server.admin("/metrics");
    assert!(!page.contains("mcpserver_quality"), "{page}");
}

/// A start knows what was normal before it.
fn survives_a_restart(store: &str) {
    let store = format!("store.url={store}");
    let settings = [store.as_str(), "quality.after=50"];
    let before = server(&settings);
    results(&before, 50, "list", json!({}));
    before.terminate();
    assert!(before.wait().success());

    let after = server(&settings);
    until_known(&after, "list", || {});
    results(&after, 1, "list", json!({ "rows": 0 }));
    assert_eq!(deviations(&after, "list", "empty"), 1);
    assert_eq!(baseline(&after, "list", "rows_median"), 12.0);
}

/// Replicas know together what none of them knows for itself.
fn is_shared(store: &str) {
    let store = format!("store.url={store}");
    let settings = [store.as_str(), "quality.after=1000"];
    let replicas = [server(&settings), server(&settings)];
    for replica in &replicas {
        results(replica, 600, "list_some", json!({}));
    }
    // They look at what the others know of the tools that they are asked for.
    for replica in &replicas {
        until_known(replica, "list_some", || drop(results(replica, 1, "list_some", json!({}))));
        results(replica, 1, "list_some", json!({ "rows": 0 }));
        assert_eq!(deviations(replica, "list_some", "empty"), 1);
    }
}

#[test]
fn a_baseline_survives_a_restart_on_sqlite() {
    let folder = Folder::new("quality");
    survives_a_restart(&format!("sqlite:{}", folder.path().join("state.sqlite").display()));
}

#[test]
fn a_baseline_survives_a_restart_and_is_shared_on_redis() {
    let Some(redis) = Redis::start() else { return };
    survives_a_restart(&redis.url());
    is_shared(&redis.url());
}

#[test]
fn a_baseline_survives_a_restart_and_is_shared_on_postgres() {
    let Some(postgres) = Postgres::start() else { return };
    survives_a_restart(&postgres.url());
    is_shared(&postgres.url());
}

#[test]
fn a_server_whose_store_is_away_knows_what_it_has_seen_itself() {
    let Some(redis) = Redis::start() else { return };
    let store = format!("store.url={}", redis.url());
    let server = server(&[&store, "quality.after=20", "store.timeout=500ms"]);
    redis.kill();
    results(&server, 20, "list", json!({}));
    let line = server.logged("what is normal cannot be shared now");
    assert!(line.contains("WARN"), "{line}");
    results(&server, 1, "list", json!({ "rows": 0 }));
    assert_eq!(deviations(&server, "list", "empty"), 1);
    let repeated = server.last_words().iter().filter(|line| line.contains("cannot be shared")).count();
    assert_eq!(repeated, 0, "it is said once");
}
