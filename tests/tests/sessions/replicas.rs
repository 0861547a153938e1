//! Sessions on several processes that share a store, with no stickiness between a client and a process.

use mcp_server_tests::services::{Postgres, Redis};
use mcp_server_tests::{Server, initialize, legacy, notification};
use serde_json::{Value, json};

use crate::client::{PROGRAM, all, ask, delete, get, ids, messages, next_with, open, start, tool, unique};

/// Runs a test on two processes that share a PostgreSQL server, then on two that share a Redis server.
fn on_each(test: impl Fn(&dyn Fn() -> Server)) {
    if let Some(store) = Postgres::start() {
        test(&|| replica(&store.url()));
    }
    if let Some(store) = Redis::start() {
        test(&|| replica(&store.url()));
    }
}

fn replica(url: &str) -> Server {
    Server::start(PROGRAM, &[&format!("store.url={url}"), "http.stream_after=10ms"])
}

fn ping(id: u64) -> Value {
    legacy(id, "ping", json!({}))
}

/// SC9, I1: a session is on every replica from the moment it is opened, and survives all of them.
#[test]
fn a_session_is_on_every_replica() {
    on_each(|replica| {
        let (one, two) = (replica(), replica());
        let sessions: Vec<_> = (0..10).map(|_| open(&one, "2025-06-18")).collect();
        for session in &sessions {
            for server in [&two, &one, &two] {
                assert_eq!(ask(server, session, &ping(1)).json()["result"], json!({}));
            }
        }
        drop((one, two));
        let three = replica();
        for session in &sessions {
            assert_eq!(ask(&three, session, &ping(1)).status, 200);
        }
    });
}

/// E16, SC8: where DELETE was answered, the session is 404 on the other replicas at once.
#[test]
fn a_deleted_session_is_404_everywhere_at_once() {
    on_each(|replica| {
        let (one, two) = (replica(), replica());
        for _ in 0..5 {
            let session = open(&one, "2025-06-18");
            assert_eq!(ask(&two, &session, &ping(1)).status, 200, "both have it in use");
            assert_eq!(delete(&one, &session).status, 200);
            assert_eq!(ask(&two, &session, &ping(2)).status, 404);
            assert_eq!(delete(&two, &session).status, 404);
            assert_eq!(get(&two, &session, None).1.status, 404);
        }
    });
}

/// E43, E06: a level that was set on one replica holds on the other when it was answered.
#[test]
fn the_level_is_the_sessions_on_every_replica() {
    on_each(|replica| {
        let (one, two) = (replica(), replica());
        let session = open(&one, "2025-06-18");
        assert_eq!(ask(&two, &session, &ping(1)).status, 200);
        for (level, count) in [("error", 0), ("debug", 3), ("critical", 0), ("info", 3)] {
            let set = ask(&one, &session, &legacy(1, "logging/setLevel", json!({ "level": level })));
            assert_eq!(set.json()["result"], json!({}));
            let mut stream = start(&two, &session, &tool(2, "test_tool_with_logging", json!({})));
            let told = messages(&all(&mut stream));
            let told = told.iter().filter(|message| message["method"] == "notifications/message").count();
            assert_eq!(told, count, "{level}");
        }
    });
}

/// H31, E24: the answer to a question may come in on another replica, and whoever asked goes on with it.
#[test]
fn a_question_is_answered_on_another_replica() {
    on_each(|replica| {
        let (one, two) = (replica(), replica());
        let session = open(&one, "2025-06-18");
        for turn in 0..5 {
            let mut stream = start(&one, &session, &tool(turn, "test_elicitation", json!({ "message": "who?" })));
            let question = next_with(&mut stream, "elicitation/create");
            let content = json!({ "username": "ann", "email": "a@x.example" });
            let answer =
                json!({ "jsonrpc": "2.0", "id": question["id"], "result": { "action": "accept", "content": content } });
            assert_eq!(ask(&two, &session, &answer).status, 202);
            let last = messages(&all(&mut stream)).pop().expect("the answer");
            assert_eq!(last["result"]["content"][0]["text"], "User response: ann <a@x.example>");
            assert_eq!(ask(&two, &session, &answer).status, 202, "a second answer is nobody's");
        }
        let invented = json!({ "jsonrpc": "2.0", "id": 12345, "result": {} });
        assert_eq!(ask(&two, &session, &invented).status, 202);
    });
}

/// E48: a cancellation reaches the replica that runs the call.
#[test]
fn a_call_is_cancelled_on_another_replica() {
    on_each(|replica| {
        let (one, two) = (replica(), replica());
        let session = open(&one, "2025-06-18");
        let mut stream = start(&one, &session, &tool(2, "late_effect", json!({ "ms": 30_000 })));
        let cancel = notification("notifications/cancelled", json!({ "requestId": 2 }));
        assert_eq!(ask(&two, &session, &cancel).status, 202);
        assert!(messages(&all(&mut stream)).is_empty(), "the stream ends without an answer");
    });
}

/// TR8, E31: a stream that one replica writes is read on another, while it is written and after, with nothing lost or
/// doubled.
#[test]
fn a_stream_resumes_on_another_replica() {
    on_each(|replica| {
        let (one, two) = (replica(), replica());
        let session = open(&one, "2025-11-25");
        let progress = json!({ "name": "test_tool_with_progress", "arguments": {}, "_meta": { "progressToken": "p" } });
        let mut stream = start(&one, &session, &legacy(3, "tools/call", progress));
        let mut seen = stream.read_until("\"progress\":0");
        drop(stream);
        let last = ids(&seen).pop().expect("events have ids");
        let (mut resumed, head) = get(&two, &session, Some(&last));
        assert_eq!(head.status, 200);
        seen.push_str(&all(&mut resumed));
        let whole = messages(&seen);
        let steps: Vec<_> = whole.iter().filter_map(|message| message["params"]["progress"].as_f64()).collect();
        assert_eq!(steps, [0.0, 50.0, 100.0]);
        assert_eq!(whole.last().map(|message| &message["id"]), Some(&json!(3)));
        let ids = unique(ids(&seen));
        for (index, id) in ids.iter().enumerate() {
            for server in [&one, &two] {
                assert_eq!(
                    self::ids(&all(&mut get(server, &session, Some(id)).0)),
                    crate::client::resumed(&ids, index),
                    "after {id}"
                );
            }
        }
    });
}

/// E29: the newest connection has the stream, wherever it is; the one before ends.
#[test]
fn a_stream_has_one_reader_over_all_replicas() {
    on_each(|replica| {
        let (one, two) = (replica(), replica());
        let session = open(&one, "2025-11-25");
        let mut first = start(&one, &session, &tool(1, "slow", json!({ "ms": 1_500 })));
        let primed = ids(&first.read_until("data: \n")).pop().expect("the first event has an id");
        let (mut second, _) = get(&two, &session, Some(&primed));
        assert!(messages(&all(&mut first)).is_empty(), "the older one ends without the answer");
        assert_eq!(messages(&all(&mut second)).len(), 1);
    });
}

/// E27: a call lets its connection go on one replica, and the client comes back for the answer on another.
#[test]
fn a_released_connection_comes_back_elsewhere() {
    on_each(|replica| {
        let (one, two) = (replica(), replica());
        let session = open(&one, "2025-11-25");
        let mut stream = start(&one, &session, &tool(1, "test_reconnection", json!({})));
        let events = all(&mut stream);
        assert!(messages(&events).is_empty());
        let (mut resumed, _) = get(&two, &session, ids(&events).pop().as_deref());
        assert_eq!(messages(&all(&mut resumed)).pop().expect("the answer")["id"], 1);
    });
}

/// Promise 2: a call whose replica is killed ends, once, in an error that may be retried, wherever its client comes back.
#[test]
fn a_killed_replica_leaves_no_call_without_an_end() {
    on_each(|replica| {
        let (one, two, three) = (replica(), replica(), replica());
        let session = open(&one, "2025-11-25");
        let mut stream = start(&one, &session, &tool(7, "slow", json!({ "ms": 60_000 })));
        let primed = ids(&stream.read_until("data: \n")).pop().expect("the first event has an id");
        // Dropped, a server is killed.
        drop(one);
        let (mut resumed, head) = get(&two, &session, Some(&primed));
        assert_eq!(head.status, 200);
        let events = all(&mut resumed);
        let ends = messages(&events);
        assert_eq!(ends.len(), 1, "{events}");
        assert_eq!(ends[0]["id"], 7);
        assert_eq!(ends[0]["error"]["data"], json!({ "kind": "worker_lost", "retryable": true }));
        assert_eq!(messages(&all(&mut get(&three, &session, Some(&primed)).0)), ends, "the same end for everybody");
        let end = ids(&events).pop().expect("the end has an id");
        assert!(messages(&all(&mut get(&three, &session, Some(&end)).0)).is_empty(), "and it comes once");
        assert_eq!(ask(&two, &session, &tool(8, "slow", json!({ "ms": 0 }))).status, 200, "it can be asked again");
    });
}

/// E44, E28: what was subscribed to on one replica is told on the stream that another has, whichever announces it.
#[test]
fn a_subscription_holds_on_every_replica() {
    on_each(|replica| {
        let (one, two) = (replica(), replica());
        let session = open(&one, "2025-06-18");
        let (mut stream, _) = get(&two, &session, None);
        let uri = json!({ "uri": "test://watched-resource" });
        assert_eq!(ask(&one, &session, &legacy(1, "resources/subscribe", uri)).json()["result"], json!({}));
        ask(&one, &session, &tool(2, "touch_watched_resource", json!({})));
        let updated = next_with(&mut stream, "notifications/resources/updated");
        assert_eq!(updated["params"]["uri"], "test://watched-resource");
        let (_third, _) = get(&one, &session, None);
        assert!(messages(&all(&mut stream)).is_empty(), "E29: a newer stream elsewhere takes over");
    });
}

/// E50: caps hold over all replicas.
#[test]
fn sessions_are_capped_over_all_replicas() {
    let Some(store) = Redis::start() else { return };
    let settings = [format!("store.url={}", store.url()), "session.max_per_principal=4".to_owned()];
    let settings: Vec<&str> = settings.iter().map(String::as_str).collect();
    let (one, two) = (Server::start(PROGRAM, &settings), Server::start(PROGRAM, &settings));
    let opened: Vec<_> = [&one, &two, &one, &two].iter().map(|server| open(server, "2025-06-18")).collect();
    for session in &opened {
        assert_eq!(ask(&one, session, &ping(1)).status, 200);
    }
    for server in [&one, &two] {
        assert_eq!(server.connect().ask(&initialize("2025-06-18"), &[]).status, 503);
    }
    assert_eq!(delete(&two, &opened[0]).status, 200);
    open(&one, "2025-06-18");
}

/// What is set after idle time holds: the look at the record that follows undoes nothing.
#[test]
fn changes_after_idle_time_take_force() {
    let settings = ["store.lease=1s", "store.timeout=300ms", "session.idle_timeout=10m"];
    let test = |url: String| {
        let url = format!("store.url={url}");
        let settings: Vec<&str> = settings.iter().copied().chain([url.as_str(), "http.stream_after=10ms"]).collect();
        let one = Server::start(PROGRAM, &settings);
        let other = (!url.ends_with("memory:")).then(|| Server::start(PROGRAM, &settings));
        let two = other.as_ref().unwrap_or(&one);
        let sessions: Vec<_> = (0..20).map(|_| open(&one, "2025-06-18")).collect();
        // Longer than a record is served without being read again.
        std::thread::sleep(std::time::Duration::from_millis(2_600));
        for session in &sessions {
            let set = ask(&one, session, &legacy(1, "logging/setLevel", json!({ "level": "error" })));
            assert_eq!(set.json()["result"], json!({}));
            let uri = json!({ "uri": "test://watched-resource" });
            assert_eq!(ask(&one, session, &legacy(2, "resources/subscribe", uri)).json()["result"], json!({}));
        }
        std::thread::sleep(std::time::Duration::from_millis(1_600));
        for (index, session) in sessions.iter().enumerate() {
            let (here, there) = if index % 2 == 0 { (&one, two) } else { (two, &one) };
            let (mut stream, _) = get(here, session, None);
            let mut call = start(there, session, &tool(3, "test_tool_with_logging", json!({})));
            assert!(!all(&mut call).contains("notifications/message"), "the level took no force");
            ask(there, session, &tool(4, "touch_watched_resource", json!({})));
            next_with(&mut stream, "notifications/resources/updated");
        }
    };
    test("memory:".to_owned());
    if let Some(store) = Postgres::start() {
        test(store.url());
    }
    if let Some(store) = Redis::start() {
        test(store.url());
    }
}
