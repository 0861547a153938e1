//! What calls use is counted, held against budgets on all replicas together, and told to an agent that goes in circles.

#![allow(
    clippy::expect_used,
    clippy::needless_pass_by_value,
    clippy::panic,
    clippy::unwrap_used,
    reason = "all of it is test code, where a panic says that a test failed"
)]

use std::time::{Duration, Instant};

use mcp_server_tests::services::Kind;
use mcp_server_tests::{Connection, Pipe, Server, call, initialize, legacy};
use serde_json::{Value, json};

const PROGRAM: &str = env!("CARGO_BIN_EXE_everything-under-test");
const TRACE: &str = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
/// No test sees it turn.
const ENDLESS: &str = "budget.window=30d";
const ADMIN: &str = "admin.addr=127.0.0.1:0";

/// The value of a series, by its name and some of its labels; nothing if there is none.
fn metric(server: &Server, name: &str, labels: &[(&str, &str)]) -> Option<f64> {
    let (status, page) = server.admin("/metrics");
    assert_eq!(status, 200, "{page}");
    let labels: Vec<String> = labels.iter().map(|(label, value)| format!("{label}=\"{value}\"")).collect();
    let is_it = |line: &&str| {
        let rest = line.strip_prefix(name).filter(|rest| rest.starts_with(['{', ' ']));
        rest.is_some_and(|rest| labels.iter().all(|label| rest.contains(label)))
    };
    page.lines().find(is_it).map(|line| line.rsplit(' ').next().unwrap().parse().unwrap())
}

/// Waits for a series to have a value, since what is counted beside the calls is there a little later.
fn becomes(server: &Server, name: &str, labels: &[(&str, &str)], value: f64) {
    let began = Instant::now();
    while metric(server, name, labels) != Some(value) {
        assert!(
            began.elapsed() < Duration::from_secs(30),
            "{name} {labels:?} is not {value} but {:?}",
            metric(server, name, labels)
        );
        std::thread::sleep(Duration::from_millis(20));
    }
}

fn simple(id: u32) -> Value {
    call(id, "test_simple_text", json!({}))
}

/// How many blocks of content an answer has, and the text of the last one.
fn last(answer: &Value) -> (usize, &str) {
    let content = answer["result"]["content"].as_array().unwrap_or_else(|| panic!("no content: {answer}"));
    (content.len(), content.last().unwrap()["text"].as_str().unwrap_or_default())
}

fn kind(answer: &Value) -> &str {
    answer["result"]["_meta"]["rs.mcp-server/error"]["kind"].as_str().unwrap_or("none")
}

/// Calls until it is refused; says how often it was not, and how it was refused.
fn spend(connection: &mut Connection) -> (u32, Value) {
    for passed in 0.. {
        let answer = connection.ask(&simple(passed), &[]).json();
        if kind(&answer) == "budget_exhausted" {
            return (passed, answer);
        }
        assert_eq!(kind(&answer), "none", "{answer}");
        assert!(passed < 10_000, "nothing is refused");
    }
    unreachable!("the loop returns")
}

#[test]
fn a_budget_holds_over_replicas_and_says_what_to_do_when_it_is_spent() {
    const MOST: u32 = 600;
    for kind in [Kind::Redis, Kind::Postgres] {
        let Some(store) = kind.start() else { continue };
        let (url, most) = (format!("store.url={}", store.url()), format!("budget.calls_per_principal={MOST}"));
        let settings = [&*url, &*most, ENDLESS, ADMIN, "budget.alert_at=100"];
        let (one, two) = (Server::start(PROGRAM, &settings), Server::start(PROGRAM, &settings));
        let (passed, answer) = spend(&mut one.connect());
        assert_eq!(passed, MOST, "{kind}");
        let error = &answer["result"]["_meta"]["rs.mcp-server/error"];
        let details = json!({
            "scope": "principal", "measure": "calls", "limit": MOST, "windowSeconds": 30.0 * 86_400.0,
        });
        assert_eq!(error["details"], details);
        assert!(error["retryAfterMs"].as_u64().is_some_and(|wait| wait <= 30 * 86_400_000), "{error}");
        let (_, text) = last(&answer);
        let advice = "Tell the user that the budget of this principal is spent; do not go on trying.";
        assert!(
            text.starts_with("the budget of this principal is spent: 600 tool calls within") && text.contains(advice),
            "{text}"
        );

        // By then the other replica can know.
        let told = one.logged("most of a budget is spent");
        assert!(told.contains(r#""spent":600"#) && !told.contains("anonymous"), "{told}");
        let (passed, _) = spend(&mut two.connect());
        assert!(passed < MOST, "{kind}: a second replica let {passed} more pass");

        let alerts = [("scope", "principal"), ("measure", "calls")];
        assert_eq!(metric(&one, "mcpserver_budget_alerts_total", &alerts), Some(1.0), "{kind}");
        assert_eq!(metric(&two, "mcpserver_budget_alerts_total", &alerts), None, "{kind}: one of them tells");
        assert_eq!(metric(&one, "mcpserver_refusals_total", &[("guard", "budget")]), Some(1.0), "{kind}");
        let failed = [("outcome", "failed"), ("kind", "budget_exhausted")];
        assert_eq!(metric(&one, "mcpserver_tool_calls_total", &failed), Some(1.0), "{kind}");
    }
}

#[test]
fn what_a_replica_used_last_is_known_to_the_next_one() {
    let store = Kind::Sqlite.start().unwrap();
    let url = format!("store.url={}", store.url());
    let settings = [&*url, "budget.calls_per_principal=6", "budget.alert_at=100", ENDLESS];
    let first = Server::start(PROGRAM, &settings);
    let mut connection = first.connect();
    for id in 1..=5 {
        assert_eq!(kind(&connection.ask(&simple(id), &[]).json()), "none");
    }
    drop(connection);
    first.terminate();
    assert!(first.wait().success());
    let second = Server::start(PROGRAM, &settings);
    second.connect().ask(&simple(6), &[]);
    let told = second.logged("most of a budget is spent");
    assert!(told.contains(r#""spent":6"#), "{told}");
}

#[test]
fn a_budget_is_whole_again_after_its_window() {
    let mut pipe = Pipe::start(PROGRAM, &["budget.calls_per_session=2", "budget.window=2s"]);
    let refused = (1..100).map(|id| pipe.ask(&simple(id))).find(|answer| kind(answer) == "budget_exhausted").unwrap();
    let wait = refused["result"]["_meta"]["rs.mcp-server/error"]["retryAfterMs"].as_u64().unwrap();
    assert!((1..=2_000).contains(&wait));
    std::thread::sleep(Duration::from_millis(wait + 1));
    assert_eq!(kind(&pipe.ask(&simple(100))), "none");
}

#[test]
fn each_session_and_each_trace_has_a_budget_of_its_own() {
    let server = Server::start(PROGRAM, &["budget.calls_per_session=2", "budget.calls_per_trace=3", ENDLESS]);
    let mut connection = server.connect();
    for _ in 0..2 {
        let opened = connection.ask(&initialize("2025-11-25"), &[]);
        let session = [("Mcp-Session-Id", opened.headers["mcp-session-id"].as_str())];
        let answers = (1..=3).map(|id| {
            let call = legacy(id, "tools/call", json!({ "name": "test_simple_text", "arguments": {} }));
            connection.ask(&call, &session).json()
        });
        let kinds: Vec<String> = answers.map(|answer| kind(&answer).to_owned()).collect();
        assert_eq!(kinds, ["none", "none", "budget_exhausted"]);
    }
    for last in ["1", "2"] {
        let kinds: Vec<String> = (1..=4)
            .map(|id| {
                let mut call = simple(id);
                call["params"]["_meta"]["traceparent"] = TRACE.replace("0af7", &format!("0af{last}")).into();
                kind(&connection.ask(&call, &[]).json()).to_owned()
            })
            .collect();
        assert_eq!(kinds, ["none", "none", "none", "budget_exhausted"], "trace {last}");
    }
    assert_eq!(kind(&connection.ask(&simple(9), &[]).json()), "none", "neither a session nor a trace");
}

#[test]
fn tokens_are_a_budget_too() {
    let mut pipe = Pipe::start(PROGRAM, &["budget.tokens_per_session=30", ENDLESS]);
    // One for `{}` and eleven for the text.
    for id in 1..=3 {
        assert_eq!(kind(&pipe.ask(&simple(id))), "none");
    }
    let refused = pipe.ask(&simple(4));
    assert_eq!(kind(&refused), "budget_exhausted");
    assert!(last(&refused).1.starts_with("the budget of this session is spent: 30 tokens within"), "{refused}");
}

#[test]
fn an_agent_that_goes_in_circles_is_told_so_and_counted() {
    let server = Server::start(PROGRAM, &["budget.repeats=3", "tools.test_error_handling.repeats=1", ADMIN]);
    let mut connection = server.connect();
    let opened = connection.ask(&initialize("2025-11-25"), &[]);
    let session = [("Mcp-Session-Id", opened.headers["mcp-session-id"].as_str())];
    let mut ask = |tool: &str, arguments: Value| {
        let call = legacy(1, "tools/call", json!({ "name": tool, "arguments": arguments }));
        connection.ask(&call, &session).json()
    };
    for _ in 1..=3 {
        assert_eq!(last(&ask("test_simple_text", json!({}))).0, 1);
    }
    let told = "You have made this same call 4 times within 60 s; its answer is unlikely to change: use what you have, or \
                tell the user.";
    let answer = ask("test_simple_text", json!({}));
    assert_eq!(last(&answer), (2, told));
    assert_eq!(answer["result"]["content"][0]["text"], "This is a simple text response for testing.", "it still runs");
    assert!(last(&ask("test_simple_text", json!({}))).1.contains("5 times"));

    assert_eq!(last(&ask("test_error_handling", json!({}))).0, 1);
    let failed = ask("test_error_handling", json!({}));
    assert!(failed["result"]["isError"] == true && last(&failed).1.contains("2 times"), "{failed}");

    // What never gets to the function is a circle as well, and other arguments are another call.
    for times in 1..=4 {
        let refused = ask("slow", json!({ "ms": "soon" }));
        assert_eq!(kind(&refused), "invalid_argument");
        assert_eq!(last(&refused).1.contains("4 times"), times == 4, "{refused}");
    }
    assert_eq!(last(&ask("slow", json!({ "ms": "later" }))).0, 1);

    let loops = |tool| metric(&server, "mcpserver_loops_total", &[("gen_ai_tool_name", tool)]);
    assert_eq!(
        (loops("test_simple_text"), loops("test_error_handling"), loops("slow")),
        (Some(2.0), Some(1.0), Some(1.0))
    );
}

#[test]
fn callers_of_whom_nothing_is_known_are_many_and_those_of_one_trace_are_one() {
    let server = Server::start(PROGRAM, &["budget.repeats=3"]);
    let mut connection = server.connect();
    for id in 1..=8 {
        assert_eq!(last(&connection.ask(&simple(id), &[]).json()).0, 1);
    }
    for id in 1..=8 {
        let mut call = simple(id);
        call["params"]["_meta"]["traceparent"] = TRACE.into();
        assert_eq!(last(&connection.ask(&call, &[]).json()).0, if id > 3 { 2 } else { 1 }, "{id}");
    }
    let mut pipe = Pipe::start(PROGRAM, &["budget.repeats=3"]);
    for id in 1..=8 {
        assert_eq!(last(&pipe.ask(&simple(id))).0, if id > 3 { 2 } else { 1 }, "{id}");
    }
}

#[test]
fn tokens_are_estimated_counted_or_left_alone() {
    let labels = |direction, counted| {
        [("gen_ai_tool_name", "test_simple_text"), ("gen_ai_token_type", direction), ("counted", counted)]
    };
    let sum = "mcpserver_tool_tokens_sum";
    // `{}` and "This is a simple text response for testing.": 1 and 9 tokens of o200k_base, 2 and 43 bytes.
    for (how, counted, output) in [("exact", "exact", 9.0), ("estimate", "estimate", 11.0)] {
        let server = Server::start(PROGRAM, &[&format!("telemetry.tokens={how}"), ADMIN]);
        let mut connection = server.connect();
        for id in 1..=3 {
            connection.ask(&simple(id), &[]);
        }
        becomes(&server, sum, &labels("input", counted), 3.0);
        becomes(&server, sum, &labels("output", counted), 3.0 * output);
        let other = if counted == "exact" { "estimate" } else { "exact" };
        assert_eq!(metric(&server, sum, &labels("output", other)), None);
    }
    let server = Server::start(PROGRAM, &["telemetry.tokens=off", ADMIN]);
    server.connect().ask(&simple(1), &[]);
    assert_eq!(metric(&server, "mcpserver_tool_tokens_count", &[]), None);
}

#[test]
fn a_picture_has_no_tokens() {
    let server = Server::start(PROGRAM, &[ADMIN]);
    server.connect().ask(&call(1, "test_image_content", json!({})), &[]);
    let labels = [("gen_ai_tool_name", "test_image_content"), ("gen_ai_token_type", "output")];
    becomes(&server, "mcpserver_tool_tokens_sum", &labels, 0.0);
}

#[test]
fn a_budget_of_tokens_that_nobody_counts_is_refused_at_the_start() {
    let mut command = std::process::Command::new(PROGRAM);
    command.args(["--http", "127.0.0.1:0"]);
    let settings = ["telemetry.tokens=off", "budget.tokens_per_trace=100"];
    let said = Server::try_run(command, &settings).expect_err("it must not start").join("\n");
    for part in ["budget.tokens_per_trace", "telemetry.tokens is `off`", "estimate"] {
        assert!(said.contains(part), "{part}: {said}");
    }
}
