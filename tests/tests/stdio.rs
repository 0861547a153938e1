//! stdio: both eras on one pipe, the way a desktop client or an IDE drives it.

#![allow(
    clippy::expect_used,
    clippy::format_collect,
    clippy::needless_pass_by_value,
    clippy::panic,
    clippy::type_complexity,
    clippy::unwrap_used,
    reason = "all of it is test code, where a panic says that a test failed"
)]

use mcp_server_tests::{Pipe, call, initialize, legacy, modern, notification};
use serde_json::{Value, json};

const PROGRAM: &str = env!("CARGO_BIN_EXE_everything-under-test");

fn pipe() -> Pipe {
    Pipe::start(PROGRAM, &[])
}

/// A pipe on which a legacy session is open.
fn session(revision: &str) -> Pipe {
    let mut pipe = pipe();
    let answer = pipe.ask(&initialize(revision));
    assert_eq!(answer["result"]["protocolVersion"], revision);
    pipe.send(&notification("notifications/initialized", json!({})));
    pipe
}

fn text(answer: &Value) -> &str {
    answer["result"]["content"][0]["text"].as_str().unwrap_or_else(|| panic!("no text: {answer}"))
}

/// E01, E02, E42: every legacy revision is spoken, and sees only what it knows.
#[test]
fn every_legacy_revision_is_spoken() {
    for revision in ["2024-11-05", "2025-03-26", "2025-06-18", "2025-11-25"] {
        let mut pipe = session(revision);
        let list = pipe.ask(&legacy(1, "tools/list", json!({})));
        let first = &list["result"]["tools"][0];
        assert_eq!(first["name"], "test_simple_text");
        assert_eq!(first.get("annotations").is_some(), revision > "2024-11-05", "{revision}");
        assert!(list["result"].get("resultType").is_none() && list["result"].get("ttlMs").is_none(), "{revision}");
        let output = list["result"]["tools"].as_array().unwrap().iter().any(|tool| tool.get("outputSchema").is_some());
        assert_eq!(output, revision > "2025-03-26", "{revision}");
        let audio = pipe.ask(&legacy(2, "tools/call", json!({"name": "test_audio_content"})));
        let kind = if revision == "2024-11-05" { "text" } else { "audio" };
        assert_eq!(audio["result"]["content"][0]["type"], kind, "{revision}");
    }
}

/// B10: `initialize` never opens a modern session.
#[test]
fn initialize_never_negotiates_a_modern_revision() {
    let answer = pipe().ask(&initialize("2026-07-28"));
    assert_eq!(answer["result"]["protocolVersion"], "2025-11-25");
}

/// D15, B02: modern requests are served before and after `initialize`; bare ones need it.
#[test]
fn both_eras_share_a_pipe() {
    let mut pipe = pipe();
    let refused = pipe.ask(&legacy(1, "tools/list", json!({})));
    assert_eq!(refused["error"]["code"], -32602);
    assert!(refused["error"]["message"].as_str().unwrap().contains("protocolVersion"));
    assert_eq!(pipe.ask(&legacy(2, "ping", json!({})))["result"], json!({}));
    assert_eq!(pipe.ask(&modern(3, "tools/list", json!({})))["result"]["resultType"], "complete");
    pipe.ask(&initialize("2025-06-18"));
    assert_eq!(text(&pipe.ask(&call(4, "test_simple_text", json!({})))), "This is a simple text response for testing.");
    assert!(pipe.ask(&legacy(5, "tools/list", json!({})))["result"]["tools"].is_array());
}

/// A16, B03: `initialize` and `ping` with modern `_meta` are unknown methods.
#[test]
fn legacy_methods_are_unknown_to_the_modern_era() {
    let mut pipe = pipe();
    for method in ["initialize", "ping", "logging/setLevel", "resources/subscribe", "no/such"] {
        assert_eq!(pipe.ask(&modern(1, method, json!({})))["error"]["code"], -32601, "{method}");
    }
}

/// D13: a slow call does not hold up others, and answers come in any order.
#[test]
fn calls_run_at_the_same_time() {
    let mut pipe = pipe();
    pipe.send(&call(1, "slow", json!({"ms": 400})));
    pipe.send(&call(2, "slow", json!({"ms": 200})));
    pipe.send(&modern(3, "server/discover", json!({})));
    let order: Vec<Value> = (0..3).map(|_| pipe.next()["id"].clone()).collect();
    assert_eq!(order, [json!(3), json!(2), json!(1)]);
}

/// E47: a legacy question goes out as a request, and its answer comes back to the line that asked.
#[test]
fn a_legacy_client_is_asked_on_the_pipe() {
    let mut pipe = session("2025-06-18");
    pipe.send(&legacy(1, "tools/call", json!({"name": "test_elicitation", "arguments": {"message": "Who?"}})));
    let question = pipe.next();
    assert_eq!(question["method"], "elicitation/create");
    assert_eq!(question["params"]["message"], "Who?");
    let content = json!({"username": "ann", "email": "ann@example.org"});
    pipe.send(&json!({"jsonrpc": "2.0", "id": question["id"], "result": {"action": "accept", "content": content}}));
    assert_eq!(text(&pipe.next()), "User response: ann <ann@example.org>");
}

/// H01, H07: a modern question ends the call; the retry brings the answer to the same line.
#[test]
fn a_modern_client_is_asked_by_rounds() {
    let mut pipe = pipe();
    let ask = |id: u32, more: Value| {
        let mut params = json!({"name": "test_input_required_result_multi_round", "arguments": {}});
        params["_meta"] = json!({"io.modelcontextprotocol/clientCapabilities": {"elicitation": {}}});
        for (name, value) in more.as_object().unwrap() {
            params[name] = value.clone();
        }
        modern(id, "tools/call", params)
    };
    let first = pipe.ask(&ask(1, json!({})))["result"].clone();
    assert_eq!(first["resultType"], "input_required");
    assert_eq!(first["inputRequests"]["step1"]["method"], "elicitation/create");
    let answers = json!({"step1": {"action": "accept", "content": {"name": "Ann"}}});
    let second = pipe.ask(&ask(2, json!({"inputResponses": answers, "requestState": first["requestState"]})));
    let second = second["result"].clone();
    assert!(second["inputRequests"]["step2"].is_object(), "{second}");
    // H09: only the newest answers come back; the first one travels in the sealed state.
    let answers = json!({"step2": {"action": "accept", "content": {"color": "red"}}});
    let state = second["requestState"].as_str().unwrap().to_owned();
    let done = pipe.ask(&ask(3, json!({"inputResponses": answers, "requestState": state})));
    assert_eq!(text(&done), "Ann likes red.");
    // H12, H13: a state that was tampered with, or is another call's, is refused.
    for forged in [format!("{state}x"), state.chars().rev().collect(), String::new()] {
        let refused = pipe.ask(&ask(4, json!({"inputResponses": answers, "requestState": forged})));
        assert_eq!(refused["error"]["code"], -32602, "{refused}");
    }
}

/// A call that is given up while its client's user is asked: the client is told to close the dialog.
#[test]
fn an_open_question_is_withdrawn_with_its_call() {
    let mut pipe = session("2025-06-18");
    pipe.send(&legacy(1, "tools/call", json!({"name": "test_elicitation", "arguments": {"message": "Who?"}})));
    let question = pipe.next();
    pipe.send(&notification("notifications/cancelled", json!({"requestId": 1})));
    let withdrawn = pipe.next();
    assert_eq!(withdrawn["method"], "notifications/cancelled");
    assert_eq!(withdrawn["params"]["requestId"], question["id"]);
    assert_eq!(pipe.ask(&legacy(2, "ping", json!({})))["id"], 2, "nothing else is sent for the call");
}

/// A question that nobody answers in time: the dialog is closed, and the call ends.
#[test]
fn a_question_that_times_out_is_withdrawn() {
    let mut pipe = Pipe::start(PROGRAM, &["limits.input_timeout=50ms"]);
    pipe.ask(&initialize("2025-06-18"));
    pipe.send(&legacy(1, "tools/call", json!({"name": "test_elicitation", "arguments": {"message": "Who?"}})));
    let question = pipe.next();
    let withdrawn = pipe.next();
    assert_eq!(withdrawn["method"], "notifications/cancelled");
    assert_eq!(withdrawn["params"]["requestId"], question["id"]);
    assert_eq!(pipe.next()["id"], 1);
}

/// Each era numbers its requests for itself, and `1` is another id than `"1"`.
#[test]
fn a_cancellation_is_of_one_era_and_one_id() {
    let mut pipe = session("2025-06-18");
    let slow = json!({"name": "slow", "arguments": {"ms": 600}});
    pipe.send(&modern(1, "tools/call", slow.clone()));
    pipe.send(&legacy(1, "tools/call", slow.clone()));
    pipe.send(&legacy("1", "tools/call", slow));
    pipe.send(&notification("notifications/cancelled", json!({"requestId": 1})));
    let mut left =
        [pipe.next(), pipe.next()].map(|answer| (answer["id"].clone(), answer["result"]["resultType"].clone()));
    left.sort_by_key(|(id, _)| id.is_string());
    assert_eq!(left, [(json!(1), json!("complete")), (json!("1"), Value::Null)]);
    let meta = json!({"io.modelcontextprotocol/protocolVersion": "2026-07-28"});
    pipe.send(&call(5, "slow", json!({"ms": 30_000})));
    pipe.send(&legacy(5, "tools/call", json!({"name": "slow", "arguments": {"ms": 100}})));
    pipe.send(&notification("notifications/cancelled", json!({"requestId": 5, "_meta": meta})));
    let answer = pipe.next();
    assert_eq!((&answer["id"], answer["result"].get("resultType")), (&json!(5), None));
}

/// A tool that reports nothing: who gave a progress token hears that it still runs.
#[test]
fn a_silent_call_has_a_heartbeat() {
    let mut pipe = Pipe::start(PROGRAM, &["limits.progress_heartbeat=20ms"]);
    let params = json!({"name": "slow", "arguments": {"ms": 400}, "_meta": {"progressToken": 7}});
    pipe.send(&modern(1, "tools/call", params));
    pipe.send(&call(2, "slow", json!({"ms": 300})));
    let mut last = 0.0;
    let mut beats = 0;
    loop {
        let message = pipe.next();
        match message["method"].as_str() {
            Some("notifications/progress") => {
                assert_eq!(message["params"]["progressToken"], 7, "nobody else asked");
                let progress = message["params"]["progress"].as_f64().unwrap();
                assert!(progress > last, "{message}");
                last = progress;
                beats += 1;
            }
            _ if message["id"] == 1 => break,
            _ => assert_eq!(message["id"], 2),
        }
    }
    assert!(beats > 1, "{beats}");
}

/// A21, H06: a question that the client cannot answer is `-32021`, with an object of capabilities.
#[test]
fn a_missing_capability_is_named() {
    let error = pipe().ask(&call(1, "test_missing_capability", json!({})))["error"].clone();
    assert_eq!(error["code"], -32021);
    assert_eq!(error["data"]["requiredCapabilities"], json!({"sampling": {}}));
}

/// G24, G25: progress goes to who asked for it, under the token it gave, and rises.
#[test]
fn progress_is_told_under_its_token() {
    let mut pipe = session("2025-11-25");
    let params = json!({"name": "test_tool_with_progress", "arguments": {}, "_meta": {"progressToken": "p"}});
    pipe.send(&legacy(1, "tools/call", params));
    let mut last = -1.0;
    for _ in 0..3 {
        let told = pipe.next();
        assert_eq!(
            (&told["method"], &told["params"]["progressToken"]),
            (&json!("notifications/progress"), &json!("p"))
        );
        let progress = told["params"]["progress"].as_f64().unwrap();
        assert!(progress > last);
        last = progress;
    }
    assert_eq!(pipe.next()["id"], 1);
}

/// G19, E43: log messages go out at the level that was asked for, by request or by session.
#[test]
fn log_messages_go_to_who_asked_for_them() {
    let mut modern_pipe = pipe();
    assert_eq!(modern_pipe.ask(&call(1, "test_logging_tool", json!({})))["id"], 1);
    let mut params = json!({"name": "test_logging_tool", "arguments": {}});
    params["_meta"] = json!({"io.modelcontextprotocol/logLevel": "info"});
    let told = modern_pipe.ask(&modern(2, "tools/call", params));
    assert_eq!((&told["method"], &told["params"]["level"]), (&json!("notifications/message"), &json!("info")));
    let mut legacy_pipe = session("2025-06-18");
    assert_eq!(legacy_pipe.ask(&legacy(1, "logging/setLevel", json!({"level": "warning"})))["result"], json!({}));
    assert_eq!(legacy_pipe.ask(&legacy(2, "tools/call", json!({"name": "test_logging_tool"})))["id"], 2);
    legacy_pipe.ask(&legacy(3, "logging/setLevel", json!({"level": "debug"})));
    assert_eq!(
        legacy_pipe.ask(&legacy(4, "tools/call", json!({"name": "test_logging_tool"})))["method"],
        "notifications/message"
    );
    assert_eq!(legacy_pipe.next()["id"], 4);
    assert_eq!(legacy_pipe.ask(&legacy(5, "logging/setLevel", json!({"level": "loud"})))["error"]["code"], -32602);
}

/// E44, E45: a legacy session hears of lists, and of the resources that it subscribed to.
#[test]
fn a_legacy_session_hears_of_changes() {
    let mut pipe = session("2025-06-18");
    pipe.send(&legacy(1, "tools/call", json!({"name": "touch_watched_resource"})));
    assert_eq!(pipe.next()["id"], 1, "nobody subscribed yet");
    assert_eq!(
        pipe.ask(&legacy(2, "resources/subscribe", json!({"uri": "test://watched-resource"})))["result"],
        json!({})
    );
    pipe.send(&legacy(3, "tools/call", json!({"name": "touch_watched_resource"})));
    let both = [pipe.next(), pipe.next()];
    let told = both.iter().find(|message| message["method"] == "notifications/resources/updated").unwrap();
    assert_eq!(told["params"]["uri"], "test://watched-resource");
    pipe.ask(&legacy(4, "resources/unsubscribe", json!({"uri": "test://watched-resource"})));
    pipe.send(&legacy(5, "tools/call", json!({"name": "touch_watched_resource"})));
    assert_eq!(pipe.next()["id"], 5);
    pipe.send(&legacy(6, "tools/call", json!({"name": "toggle_dynamic_tool"})));
    let both = [pipe.next(), pipe.next()];
    assert!(both.iter().any(|message| message["method"] == "notifications/tools/list_changed"), "{both:?}");
}

/// G29, G31, G35: a subscription is acknowledged first, tells under its id, and ends when it is cancelled.
#[test]
fn a_modern_subscription_tells_under_its_id() {
    let mut pipe = pipe();
    let wanted = json!({"toolsListChanged": true, "resourceSubscriptions": ["test://watched-resource"]});
    pipe.send(&modern("sub", "subscriptions/listen", json!({"notifications": wanted})));
    let key = "io.modelcontextprotocol/subscriptionId";
    let acknowledged = pipe.next();
    assert_eq!(acknowledged["method"], "notifications/subscriptions/acknowledged");
    assert_eq!(acknowledged["params"]["notifications"], wanted);
    pipe.send(&call(1, "touch_watched_resource", json!({})));
    let both = [pipe.next(), pipe.next()];
    let told = both.iter().find(|message| message["method"] == "notifications/resources/updated").unwrap();
    assert_eq!(told["params"]["_meta"][key], "sub");
    pipe.send(&notification("notifications/cancelled", json!({"requestId": "sub"})));
    pipe.send(&call(2, "touch_watched_resource", json!({})));
    assert_eq!(pipe.next()["id"], 2);
    assert!(pipe.finish().0.is_empty(), "nothing more is sent for it");
}

/// G34: at the end of the input the server ends a subscription with its result.
#[test]
fn a_subscription_is_ended_with_a_result() {
    let mut pipe = pipe();
    pipe.ask(&modern(7, "subscriptions/listen", json!({"notifications": {"toolsListChanged": true}})));
    let (rest, status) = pipe.finish();
    assert_eq!(rest.len(), 1);
    assert_eq!((&rest[0]["id"], &rest[0]["result"]["resultType"]), (&json!(7), &json!("complete")));
    assert!(status.success());
}

/// A10, E35: batches are served to sessions of 2025-03-26 alone.
#[test]
fn batches_belong_to_one_revision() {
    let batch = json!([
        legacy(1, "ping", json!({})),
        legacy("b", "ping", json!({})),
        notification("notifications/x", json!({}))
    ]);
    let mut pipe = session("2025-03-26");
    pipe.send(&batch);
    let answers = [pipe.next(), pipe.next()];
    assert_eq!(answers.map(|answer| answer["id"].clone()), [json!(1), json!("b")]);
    pipe.send(&json!([]));
    assert_eq!(pipe.next()["error"]["code"], -32600);
    let mut newer = session("2025-06-18");
    assert_eq!(newer.ask(&batch)["error"]["code"], -32600);
}

/// D09: SIGTERM ends the process well, when nothing runs.
#[test]
fn sigterm_ends_the_process() {
    let mut pipe = pipe();
    pipe.ask(&modern(1, "server/discover", json!({})));
    pipe.terminate();
    pipe.logged("stopping");
    assert!(pipe.finish().1.success());
}

/// A process whose output is read as the test says.
struct Flooded {
    process: std::process::Child,
    output: std::process::ChildStdout,
    accepted: std::sync::Arc<std::sync::atomic::AtomicU64>,
}

impl Flooded {
    /// Starts a server, sends it a first message, and then more of another one than it will ever read.
    fn start(first: &Value, flood: &Value) -> Self {
        use std::io::Write as _;
        use std::process::{Command, Stdio};
        use std::sync::atomic::{AtomicU64, Ordering};

        let mut process = Command::new(PROGRAM)
            .arg("--stdio")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let (mut input, output) = (process.stdin.take().unwrap(), process.stdout.take().unwrap());
        let accepted = std::sync::Arc::<AtomicU64>::default();
        let (counts, lines) = (std::sync::Arc::clone(&accepted), format!("{flood}\n"));
        input.write_all(format!("{first}\n").as_bytes()).unwrap();
        std::thread::spawn(move || {
            while input.write_all(lines.as_bytes()).is_ok() {
                counts.fetch_add(1, Ordering::Relaxed);
            }
        });
        Self { process, output, accepted }
    }

    /// How many messages of the flood were taken, once no more are.
    fn taken(&self) -> u64 {
        use std::sync::atomic::Ordering;
        let mut before = u64::MAX;
        loop {
            let now = self.accepted.load(Ordering::Relaxed);
            if now == before {
                return now;
            }
            before = now;
            std::thread::sleep(std::time::Duration::from_millis(500));
        }
    }

    /// The memory of the process, in bytes.
    fn memory(&self) -> u64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.process.id())).unwrap();
        let line = status.lines().find(|line| line.starts_with("VmRSS:")).unwrap();
        line.split_whitespace().nth(1).unwrap().parse::<u64>().unwrap() * 1024
    }
}

impl Drop for Flooded {
    fn drop(&mut self) {
        drop(self.process.kill());
        drop(self.process.wait());
    }
}

/// A client that sends and never reads: the server stops reading, and holds no more than its buffer.
#[test]
fn a_client_that_does_not_read_is_not_read() {
    let flooded = Flooded::start(&modern(0, "tools/list", json!({})), &modern(1, "tools/list", json!({})));
    let taken = flooded.taken();
    assert!(taken < 20_000, "{taken} requests were taken");
    assert!(flooded.memory() < 150 << 20, "{} MiB", flooded.memory() >> 20);
}

/// A client that always has requests in the pipe and reads behind: calls that run are polled, and memory stays.
#[test]
fn a_slow_call_in_a_flood_is_answered_and_memory_stays() {
    use std::io::Read as _;

    let slow = call("slow", "slow", json!({ "ms": 200 }));
    let mut flooded = Flooded::start(&slow, &modern(1, "tools/list", json!({})));
    flooded.taken();
    let (mut piece, mut tail, mut read) = (vec![0; 64 * 1024], Vec::new(), 0_u64);
    while memchr_text(&tail, b"That took 200 ms.").is_none() {
        let size = flooded.output.read(&mut piece).unwrap();
        assert!(size > 0, "the server has ended");
        read += size as u64;
        assert!(read < 256 << 20, "it is not answered within 256 MiB of other answers");
        tail.drain(..tail.len().saturating_sub(256));
        tail.extend_from_slice(&piece[..size]);
    }
    assert!(flooded.memory() < 150 << 20, "{} MiB", flooded.memory() >> 20);
}

fn memchr_text(bytes: &[u8], text: &[u8]) -> Option<usize> {
    bytes.windows(text.len()).position(|window| window == text)
}

/// Values, ids and the memory of what runs are bounded on the pipe as well.
#[test]
fn what_a_message_costs_is_bounded_on_the_pipe() {
    let mut pipe = Pipe::start(
        PROGRAM,
        &["limits.json_values=10000", "limits.request_bytes=16MiB", "limits.request_bytes_per_principal=16MiB"],
    );
    let many = call(1, "limited", json!({ "limit": vec![json!({ "a": [] }); 20_000] }));
    let refused = pipe.ask(&many);
    assert_eq!(refused["error"]["code"], -32600, "{refused}");
    assert!(refused["error"]["message"].as_str().unwrap().contains("limits.json_values"), "{refused}");
    let refused = pipe.ask(&call("i".repeat(3000), "test_simple_text", json!({})));
    assert_eq!((&refused["error"]["code"], &refused["id"]), (&json!(-32600), &Value::Null));
    // Three calls that run hold most of the budget, and the next one does not fit; it is told so, under its id.
    let long = "x".repeat(2 << 20);
    for id in 2..=5 {
        let mut message = call(id, "slow", json!({ "ms": 1500 }));
        message["params"]["_meta"]["example.com/long"] = json!(long);
        pipe.send(&message);
    }
    let refused = pipe.next();
    assert_eq!((&refused["id"], &refused["error"]["data"]["retryable"]), (&json!(5), &json!(true)), "{refused}");
    assert!(pipe.ask(&modern("small", "tools/list", json!({})))["result"]["tools"].is_array());
    let mut answered: Vec<Value> = (0..3).map(|_| pipe.next()["id"].clone()).collect();
    answered.sort_by_key(Value::as_u64);
    assert_eq!(answered, [json!(2), json!(3), json!(4)]);
    let mut message = call(6, "slow", json!({ "ms": 1 }));
    message["params"]["_meta"]["example.com/long"] = json!(long);
    assert!(pipe.ask(&message)["result"].is_object(), "there is room again");
}
