//! What the admin address tells, and to whom.

#![allow(
    clippy::expect_used,
    clippy::needless_pass_by_value,
    clippy::panic,
    clippy::unwrap_used,
    reason = "all of it is test code, where a panic says that a test failed"
)]

use mcp_server_tests::{Connection, Reply, Server, call, initialize, modern};
use serde_json::{Value, json};

const PROGRAM: &str = env!("CARGO_BIN_EXE_everything-under-test");
const TOKEN: &str = "a-token-for-operators";
const DATA: [&str; 2] = ["/api/state", "/api/tools"];

fn start(more: &[&str]) -> Server {
    let token = format!("admin.token={TOKEN}");
    let mut settings = vec!["admin.addr=127.0.0.1:0", token.as_str()];
    settings.extend(more);
    Server::start(PROGRAM, &settings)
}

fn get(server: &Server, path: &str, headers: &[(&str, &str)]) -> Reply {
    let mut connection = Connection::open(server.admin_address());
    connection.send("GET", path, headers, b"");
    connection.reply()
}

/// What an operator reads.
fn read(server: &Server, path: &str) -> Value {
    let reply = get(server, path, &[("Authorization", &format!("Bearer {TOKEN}"))]);
    assert_eq!(reply.status, 200, "{}", reply.body);
    assert_eq!(reply.headers["content-type"], "application/json");
    reply.json()
}

#[test]
fn nobody_reads_data_without_the_token() {
    let server = start(&[]);
    server.connect().ask(&call(1, "test_error_handling", json!({})), &[]);
    for path in DATA {
        for (headers, what) in [
            (&[][..], "the admin token is missing"),
            (&[("Authorization", "Bearer a-token-for-operator")], "this is not the admin token"),
            (&[("Authorization", "Basic YTpi")], "this is not the admin token"),
        ] {
            let reply = get(&server, path, headers);
            assert_eq!(reply.status, 401);
            assert!(reply.headers["www-authenticate"].starts_with("Bearer"));
            let body = reply.json();
            assert_eq!(body["error"], "unauthorized");
            let message = body["message"].as_str().unwrap();
            assert!(message.starts_with(what) && message.contains("Authorization: Bearer"), "{message}");
            assert_eq!(body.as_object().unwrap().len(), 2, "nothing else is told");
        }
        assert_eq!(read(&server, path).as_object().map(|object| !object.is_empty()), Some(true));
    }
    let page = get(&server, "/", &[]);
    assert_eq!(page.status, 200);
    assert!(!page.body.contains("test_error_handling") && !page.body.contains(TOKEN), "the page carries no data");
}

#[test]
fn a_token_that_nobody_chose_is_told_once_in_a_link_that_opens() {
    let server = Server::start(PROGRAM, &["admin.addr=127.0.0.1:0"]);
    let page = format!("http://{}/#token=", server.admin_address());
    let token = server.page().strip_prefix(&page).expect("the link says where and with what").to_owned();
    assert!(token.len() >= 43, "256 bits");
    let reply = get(&server, "/api/state", &[("Authorization", &format!("Bearer {token}"))]);
    assert_eq!(reply.status, 200);
    let said = server.last_words().join("\n");
    assert!(!said.contains(&token), "{said}");
}

#[test]
fn a_token_of_the_configuration_is_not_logged() {
    let server = start(&[]);
    assert_eq!(server.page(), format!("http://{}/", server.admin_address()));
    assert!(!server.last_words().join("\n").contains(TOKEN));
}

#[test]
fn readiness_is_a_word_for_anybody_and_its_causes_are_for_operators() {
    let server = start(&[]);
    assert_eq!(server.readiness(), (200, "ready".to_owned()));
    let details = read(&server, "/readyz");
    assert_eq!(
        details,
        json!({
            "readiness": "ready",
            "store": { "engine": "memory", "answers": true },
            "keys": { "agree": true },
            "draining": false,
        })
    );
    assert_eq!(get(&server, "/readyz", &[("Authorization", "Bearer nonsense")]).status, 401);
}

#[test]
fn a_draining_server_tells_operators_so() {
    let server = start(&["shutdown.lame_duck=3s"]);
    server.terminate();
    server.becomes("draining");
    let reply = get(&server, "/readyz", &[("Authorization", &format!("Bearer {TOKEN}"))]);
    assert_eq!(reply.status, 503);
    let body = reply.json();
    assert_eq!((&body["readiness"], &body["draining"]), (&json!("draining"), &json!(true)));
    assert_eq!(read(&server, "/api/state")["server"]["ready"]["draining"], true);
}

#[test]
fn the_version_is_told() {
    let server = start(&[]);
    let version = get(&server, "/version", &[]).json();
    assert_eq!(version["name"], "everything");
    assert!(version["version"].is_string() && version["framework"]["version"].is_string());
    assert_eq!(version["framework"]["name"], "mcp-server-core");
    let revisions = ["2024-11-05", "2025-03-26", "2025-06-18", "2025-11-25", "2026-07-28"];
    assert_eq!(version["protocolVersions"], json!(revisions));
}

#[test]
fn the_page_may_run_its_own_script_and_be_in_no_frame() {
    let server = start(&[]);
    let page = get(&server, "/", &[]);
    assert!(page.headers["content-type"].starts_with("text/html"));
    let policy = &page.headers["content-security-policy"];
    for part in ["default-src 'none'", "script-src 'sha256-", "style-src 'sha256-", "frame-ancestors 'none'"] {
        assert!(policy.contains(part), "{policy}");
    }
    assert!(!policy.contains("unsafe") && !policy.contains('*'), "{policy}");
    assert_eq!(page.headers["x-frame-options"], "DENY");
    for path in ["/", "/livez", "/readyz", "/version", "/metrics", "/api/state", "/elsewhere"] {
        let reply = get(&server, path, &[]);
        assert_eq!(reply.headers["x-content-type-options"], "nosniff", "{path}");
        assert_eq!(reply.headers["cache-control"], "no-store", "{path}");
        assert_eq!(reply.headers["referrer-policy"], "no-referrer", "{path}");
    }
    assert_eq!(get(&server, "/elsewhere", &[]).status, 404);
}

#[test]
fn a_browser_that_was_led_here_under_a_foreign_name_sees_nothing() {
    let server = start(&[]);
    let host = server.admin_address().to_string();
    for path in ["/", "/metrics", "/version", "/api/state", "/api/tools"] {
        assert_eq!(get(&server, path, &[("Host", "evil.example")]).status, 403, "{path}");
        assert_ne!(get(&server, path, &[("Host", "localhost:1")]).status, 403, "{path}");
        assert_ne!(get(&server, path, &[("Host", &host)]).status, 403, "{path}");
    }
    for path in ["/livez", "/readyz"] {
        assert_eq!(get(&server, path, &[("Host", "backend")]).status, 200, "a probe may call it as it likes");
    }
}

#[test]
fn a_failure_is_found_by_what_its_client_was_told() {
    let server = start(&[]);
    let secret = "a value that nobody should see";
    let reply = server.connect().ask(&call(1, "test_error_handling", json!({})), &[]);
    let reference = reply.tool_error()["correlationId"].as_str().expect("the client is told").to_owned();
    server.connect().ask(&call(2, "test_simple_text", json!({ "unknown": secret })), &[]);
    server.connect().ask(&modern(3, "no/such/method", json!({})), &[]);
    let broken = server.connect().ask(&call(4, "broken_promise", json!({})), &[]).tool_error();
    let state = read(&server, "/api/state");
    let of = |list: &str, reference: &Value| {
        let list = state[list].as_array().unwrap();
        list.iter()
            .find(|failure| failure["reference"] == *reference)
            .unwrap_or_else(|| panic!("{reference}: {list:?}"))
    };
    let failure = of("failures", &broken["correlationId"]);
    assert_eq!((&failure["name"], &failure["outcome"]), (&json!("broken_promise"), &json!("failed")));
    assert_eq!(failure["kind"], broken["kind"]);
    assert!(failure["micros"].is_u64() && failure["at"].as_u64() > Some(1_700_000_000_000));
    assert_eq!(state["failures"].as_array().unwrap().len(), 1, "what callers got wrong is apart");

    // A conflict is one that the caller has to resolve.
    let mistake = of("mistakes", &json!(reference));
    assert_eq!((&mistake["name"], &mistake["kind"]), (&json!("test_error_handling"), &json!("conflict")));
    assert_eq!(state["mistakes"][0]["outcome"], "refused", "the newest is first");
    assert_eq!(state["mistakes"][1]["kind"], "invalid_argument");
    assert!(!state.to_string().contains(secret), "arguments are told to nobody");
}

/// The page draws quantiles from buckets, which say nothing of where in a bucket a call was: this bounds them.
#[test]
fn the_slowest_call_of_each_tool_is_told() {
    let server = start(&[]);
    for id in 1..=3 {
        server.connect().ask(&call(id, "test_simple_text", json!({})), &[]);
    }
    let began = std::time::Instant::now();
    server.connect().ask(&call(4, "slow", json!({ "ms": 50 })), &[]);
    let took = began.elapsed().as_secs_f64();
    let slowest = read(&server, "/api/state")["slowest"].clone();
    let of = |tool: &str| slowest[tool].as_f64().unwrap_or_else(|| panic!("{tool}: {slowest}"));
    assert!((0.05..=took).contains(&of("slow")), "{slowest}");
    assert!(of("test_simple_text") > 0.0, "{slowest}");
}

#[test]
fn tools_are_listed_with_what_holds_for_them() {
    let server = start(&["tools.test_simple_text.timeout=1234ms", "tools.test_simple_text.max_concurrency=3"]);
    let tools = read(&server, "/api/tools")["tools"].clone();
    let tools = tools.as_array().unwrap();
    let tool = |name: &str| tools.iter().find(|tool| tool["name"] == name).expect("it is served");
    let simple = tool("test_simple_text");
    assert_eq!((&simple["timeoutMs"], &simple["maxConcurrency"]), (&json!(1234), &json!(3)));
    assert!(simple["maxResult"].is_u64() && simple["mode"].is_string() && simple["lints"].is_array());
    let effects = tool("slow_compute")["effects"].as_array().unwrap();
    assert!(effects.contains(&json!("read-only")) && effects.contains(&json!("task")), "{effects:?}");
}

#[test]
fn sessions_and_tasks_are_shown_and_what_opens_them_is_not() {
    let server = start(&[]);
    let opened = server.connect().ask(&initialize("2025-11-25"), &[]);
    let session = opened.headers["mcp-session-id"].clone();
    let sessions = read(&server, "/api/state")["sessions"].clone();
    assert_eq!((&sessions["count"], &sessions["list"][0]["client"]), (&json!(1), &json!("tests/0")));
    assert_eq!(sessions["list"][0]["revision"], "2025-11-25");
    let secret = session.split_once('-').expect("a number and a secret").1;
    assert!(!sessions.to_string().contains(secret), "{sessions}");

    let able = |mut params: Value| {
        let extension = json!({ "extensions": { "io.modelcontextprotocol/tasks": {} } });
        params["_meta"] = json!({ "io.modelcontextprotocol/clientCapabilities": extension });
        params
    };
    let arguments = json!({ "seconds": 3600, "label": "x" });
    let message = modern(1, "tools/call", able(json!({ "name": "slow_compute", "arguments": arguments })));
    let reply = server.connect().ask(&message, &[]).json();
    let id = reply["result"]["taskId"].as_str().unwrap_or_else(|| panic!("a task: {reply}")).to_owned();
    let state = read(&server, "/api/state");
    assert_eq!((&state["tasks"]["count"], &state["tasks"]["list"][0]["tool"]), (&json!(1), &json!("slow_compute")));
    assert!(!state.to_string().contains(&id), "whoever has the id has the task");

    server.connect().ask(&modern(2, "tasks/cancel", able(json!({ "taskId": id }))), &[]);
    let began = std::time::Instant::now();
    while read(&server, "/api/state")["tasks"]["count"] != 0 {
        assert!(began.elapsed().as_secs() < 20, "a task that was cancelled is not worked on");
        std::thread::sleep(std::time::Duration::from_millis(20));
    }
}

#[test]
fn a_server_that_measures_nothing_says_so() {
    let server = start(&["telemetry.enabled=false"]);
    let metrics = get(&server, "/metrics", &[]);
    assert_eq!(metrics.status, 404);
    assert!(metrics.body.contains("telemetry.enabled"), "{}", metrics.body);
    assert_eq!(read(&server, "/api/state")["server"]["measured"], false);
    let measuring = start(&[]);
    assert_eq!(get(&measuring, "/metrics", &[]).status, 200);
    assert_eq!(read(&measuring, "/api/state")["server"]["measured"], true);
}

/// Half-open requests, and requests that wait, keep no probe from its answer.
#[test]
fn a_probe_of_life_is_answered_whatever_the_others_do() {
    let server = start(&[]);
    let half: Vec<_> = (0..200)
        .map(|_| {
            let mut connection = Connection::open(server.admin_address());
            connection.write(b"GET /livez HTTP/1.1\r\nHo");
            connection
        })
        .collect();
    let began = std::time::Instant::now();
    for _ in 0..20 {
        assert_eq!(server.admin("/livez"), (200, "live".to_owned()));
    }
    assert!(began.elapsed().as_secs() < 2, "no probe waits for the others");
    drop(half);
}

/// Who guesses the token is slowed down; who has it is not, once it was accepted.
#[test]
fn guesses_of_the_token_are_slowed_down() {
    let server = start(&[]);
    read(&server, "/api/state");
    let guess = |at: u32| get(&server, "/api/state", &[("Authorization", &format!("Bearer guess-{at}"))]);
    let statuses: Vec<u16> = (0..60).map(|at| guess(at).status).collect();
    assert_eq!((statuses[0], statuses[59]), (401, 429));
    assert!(guess(60).headers.contains_key("retry-after"));
    read(&server, "/api/state");
}
