//! Sessions on one process.

use mcp_server_tests::{Server, call, initialize, legacy, modern, notification};
use serde_json::{Value, json};

use crate::client::{PROGRAM, all, ask, get, ids, messages, next_with, open, server, start, tool, unique};

/// E01, E12, B10: every legacy revision opens a session; a modern one never is negotiated.
#[test]
fn initialize_opens_a_session_of_the_revision_asked_for() {
    let server = server();
    for revision in ["2024-11-05", "2025-03-26", "2025-06-18", "2025-11-25"] {
        let session = open(&server, revision);
        assert!(session.bytes().all(|byte| (0x21..=0x7e).contains(&byte)), "E13");
        let tools = ask(&server, &session, &legacy(1, "tools/list", json!({})));
        assert_eq!(tools.status, 200);
        let result = &tools.json()["result"];
        assert!(result["tools"].as_array().is_some_and(|tools| !tools.is_empty()));
        for modern in ["resultType", "ttlMs", "cacheScope"] {
            assert!(result.get(modern).is_none(), "A07: {modern} in {revision}");
        }
        assert!(!tools.headers.contains_key("mcp-session-id"), "E12: on the answer to initialize alone");
    }
    let reply = server.connect().ask(&initialize("2026-07-28"), &[]);
    assert_eq!(reply.json()["result"]["protocolVersion"], "2025-11-25");
}

/// E18, E19: an old session id and any version header mean nothing beside `initialize`.
#[test]
fn initialize_looks_at_nothing_but_itself() {
    let server = server();
    let headers = [("Mcp-Session-Id", "0-AAAAAAAAAAAAAAAAAAAAAA"), ("MCP-Protocol-Version", "1999-01-01")];
    let reply = server.connect().ask(&initialize("2025-06-18"), &headers);
    assert_eq!(reply.status, 200);
    assert_ne!(reply.headers["mcp-session-id"], "0-AAAAAAAAAAAAAAAAAAAAAA");
}

/// SL7, E14, E15: without a session 400, with a lost one 404, always with a body that says what to do.
#[test]
fn a_missing_session_is_400_and_a_lost_one_404() {
    let server = server();
    let ping = legacy(5, "ping", json!({}));
    let missing = server.connect().ask(&ping, &[]);
    assert_eq!((missing.status, missing.json()["id"].clone()), (400, json!(5)));
    assert!(missing.json()["error"]["message"].as_str().unwrap().contains("initialize"));
    for unknown in ["0-AAAAAAAAAAAAAAAAAAAAAA", "nonsense", "99999-AAAAAAAAAAAAAAAAAAAAAA"] {
        let lost = ask(&server, unknown, &ping);
        assert_eq!((lost.status, lost.json()["id"].clone()), (404, json!(5)), "{unknown}");
        assert!(lost.json()["error"]["message"].as_str().unwrap().contains("initialize"));
    }
    let mut connection = server.connect();
    connection.send("GET", "/mcp", &[("Accept", "text/event-stream")], b"");
    assert_eq!(connection.reply().status, 400, "E33");
}

/// E16: DELETE ends a session, whose id is 404 from then on.
#[test]
fn a_deleted_session_is_gone() {
    let server = server();
    let session = open(&server, "2025-06-18");
    let delete = |server: &Server| {
        let mut connection = server.connect();
        connection.send("DELETE", "/mcp", &[("Mcp-Session-Id", &session)], b"");
        connection.reply()
    };
    assert_eq!(delete(&server).status, 200);
    assert_eq!(ask(&server, &session, &legacy(1, "ping", json!({}))).status, 404);
    assert_eq!(delete(&server).status, 404);
    assert_eq!(get(&server, &session, None).1.status, 404);
}

/// A16, P2: an unknown method is a JSON-RPC error under 200, for 404 would end the session.
#[test]
fn a_legacy_error_comes_as_200() {
    let server = server();
    let session = open(&server, "2025-11-25");
    for method in ["no/such", "server/discover", "subscriptions/listen"] {
        let reply = ask(&server, &session, &legacy(1, method, json!({})));
        assert_eq!((reply.status, reply.json()["error"]["code"].clone()), (200, json!(-32601)), "{method}");
    }
    let missing = ask(&server, &session, &legacy(2, "resources/read", json!({ "uri": "test://none" })));
    assert_eq!(missing.json()["error"]["code"], -32002, "E46");
}

/// B03, C17: `_meta` decides; a session id beside it means nothing.
#[test]
fn a_modern_request_with_a_session_is_modern() {
    let server = server();
    let session = open(&server, "2025-11-25");
    let reply = ask(&server, &session, &modern(1, "ping", json!({})));
    assert_eq!((reply.status, reply.json()["error"]["code"].clone()), (404, json!(-32601)));
    let reply = ask(&server, "nonsense", &modern(1, "tools/list", json!({})));
    assert_eq!(reply.status, 200);
    assert!(!reply.headers.contains_key("mcp-session-id"));
    let broken = server.connect().ask(
        &legacy(1, "tools/list", json!({})),
        &[("Mcp-Session-Id", &session), ("MCP-Protocol-Version", "2026-07-28")],
    );
    assert_eq!((broken.status, broken.json()["error"]["code"].clone()), (400, json!(-32602)), "E22");
    let unknown = server.connect().ask(
        &legacy(1, "tools/list", json!({})),
        &[("Mcp-Session-Id", &session), ("MCP-Protocol-Version", "1999-01-01")],
    );
    assert_eq!(unknown.status, 400, "E21");
}

/// E11: what wants no answer gets none.
#[test]
fn notifications_and_answers_are_accepted() {
    let server = server();
    let session = open(&server, "2025-06-18");
    let late = json!({ "jsonrpc": "2.0", "id": 12345, "result": {} });
    assert_eq!(ask(&server, &session, &late).status, 202);
    let cancel = notification("notifications/cancelled", json!({ "requestId": 99 }));
    assert_eq!(ask(&server, &session, &cancel).status, 202);
    assert_eq!(ask(&server, "nonsense", &cancel).status, 404);
    assert_eq!(server.connect().ask(&late, &[]).status, 400);
}

/// E24, H31: a question goes out on the call's stream, its answer comes in by a POST, and the call goes on.
#[test]
fn a_call_asks_its_client() {
    let server = server();
    let session = open(&server, "2025-06-18");
    let mut stream = start(&server, &session, &tool(7, "test_elicitation", json!({ "message": "who?" })));
    let question = next_with(&mut stream, "elicitation/create");
    assert_eq!(question["params"]["message"], "who?");
    let content = json!({ "username": "ann", "email": "a@x.example" });
    let answer =
        json!({ "jsonrpc": "2.0", "id": question["id"], "result": { "action": "accept", "content": content } });
    assert_eq!(ask(&server, &session, &answer).status, 202);
    let rest = all(&mut stream);
    let last = messages(&rest).pop().expect("the answer");
    assert_eq!(last["id"], 7);
    assert_eq!(last["result"]["content"][0]["text"], "User response: ann <a@x.example>");
}

/// TR8, E26, E31: a client that goes away loses nothing: each event can be resumed after.
#[test]
fn a_broken_stream_resumes_after_any_event() {
    let server = server();
    let session = open(&server, "2025-11-25");
    let progress = json!({ "name": "test_tool_with_progress", "arguments": {}, "_meta": { "progressToken": "p" } });
    let mut stream = start(&server, &session, &legacy(3, "tools/call", progress));
    let mut seen = stream.read_until("\"progress\":0");
    drop(stream);
    let last = ids(&seen).pop().expect("events have ids");
    let (mut resumed, head) = get(&server, &session, Some(&last));
    assert_eq!(head.status, 200);
    seen.push_str(&all(&mut resumed));
    let whole = messages(&seen);
    let steps: Vec<_> = whole.iter().filter_map(|message| message["params"]["progress"].as_f64()).collect();
    assert_eq!(steps, [0.0, 50.0, 100.0], "nothing is lost and nothing comes twice");
    assert_eq!(whole.last().map(|message| &message["id"]), Some(&json!(3)));
    let ids = unique(ids(&seen));
    for (index, id) in ids.iter().enumerate() {
        let (mut again, _) = get(&server, &session, Some(id));
        assert_eq!(self::ids(&all(&mut again)), crate::client::resumed(&ids, index), "after {id}");
    }
}

/// E31: what cannot be resumed is refused, and never as 404; another session's events are unknown.
#[test]
fn an_unknown_event_is_refused() {
    let server = server();
    let (mine, other) = (open(&server, "2025-11-25"), open(&server, "2025-11-25"));
    let progress = json!({ "name": "test_tool_with_progress", "arguments": {}, "_meta": { "progressToken": "p" } });
    let mut stream = start(&server, &mine, &legacy(3, "tools/call", progress));
    let id = ids(&all(&mut stream)).remove(0);
    assert_eq!(get(&server, &mine, Some(&id)).1.status, 200);
    for (session, id) in [(&other, id.as_str()), (&mine, "AAAAAAAA.5"), (&mine, "nonsense")] {
        assert_eq!(get(&server, session, Some(id)).1.status, 400, "{id}");
    }
}

/// E26: a client that goes away cancels nothing; E48: a cancellation does, and gets no answer.
#[test]
fn going_away_cancels_nothing_and_a_cancellation_does() {
    let server = Server::start(PROGRAM, &["http.stream_after=10ms"]);
    let session = open(&server, "2025-06-18");
    drop(start(&server, &session, &tool(1, "late_effect", json!({ "ms": 300 }))));
    let mut stream = start(&server, &session, &tool(2, "late_effect", json!({ "ms": 5_000 })));
    let cancel = notification("notifications/cancelled", json!({ "requestId": 2 }));
    assert_eq!(ask(&server, &session, &cancel).status, 202);
    assert!(messages(&all(&mut stream)).is_empty(), "the stream ends without an answer");
    let deadline = std::time::Instant::now() + std::time::Duration::from_secs(10);
    loop {
        let effects = ask(&server, &session, &tool(3, "effects", json!({})));
        let text = effects.json()["result"]["content"][0]["text"].clone();
        if text == "1" {
            break;
        }
        assert_eq!(text, "0");
        assert!(std::time::Instant::now() < deadline, "the first call goes on to its effect");
    }
}

/// BP5: a second request of the same id is refused at once, and the first is untouched.
#[test]
fn an_id_that_runs_is_refused_a_second_time() {
    let server = Server::start(PROGRAM, &["http.stream_after=10ms"]);
    let session = open(&server, "2025-06-18");
    let mut first = start(&server, &session, &tool(7, "slow", json!({ "ms": 500 })));
    let second = ask(&server, &session, &tool(7, "test_simple_text", json!({})));
    assert_eq!(second.json()["error"]["code"], -32600);
    let other = ask(&server, &session, &legacy("7", "ping", json!({})));
    assert_eq!(other.json()["result"], json!({}), "A02: \"7\" is not 7");
    assert!(all(&mut first).contains("500 ms"));
}

/// A call that takes a moment and says nothing is answered as JSON, without a stream.
#[test]
fn a_quiet_call_is_one_reply() {
    let server = server();
    let session = open(&server, "2025-11-25");
    let reply = ask(&server, &session, &tool(1, "slow", json!({ "ms": 50 })));
    assert_eq!(reply.headers["content-type"], "application/json");
    assert!(reply.json()["result"]["content"][0]["text"].as_str().unwrap().contains("50 ms"));
}

/// E27: 2025-11-25 primes a stream with an id and a time to come back after; older revisions see no empty event.
#[test]
fn a_stream_is_primed_where_clients_know_it() {
    let server = Server::start(PROGRAM, &["http.stream_after=10ms", "http.sse_retry=300ms"]);
    let newest = open(&server, "2025-11-25");
    let events = all(&mut start(&server, &newest, &tool(1, "slow", json!({ "ms": 100 }))));
    let first: Vec<_> = events.lines().take(3).collect();
    assert!(first[0].starts_with("id: "), "{events}");
    assert_eq!(first[1..], ["retry: 300", "data: "]);
    let older = open(&server, "2025-06-18");
    let events = all(&mut start(&server, &older, &tool(1, "slow", json!({ "ms": 100 }))));
    assert!(events.starts_with("event: message\nid: "), "{events}");
    assert!(!events.contains("retry") && !events.contains("data: \n"));
}

/// E27: a call may let its connection go; the client comes back for the answer.
#[test]
fn a_released_connection_ends_and_the_answer_waits() {
    let server = server();
    let session = open(&server, "2025-11-25");
    let mut stream = start(&server, &session, &tool(1, "test_reconnection", json!({})));
    let events = all(&mut stream);
    assert!(messages(&events).is_empty() && events.contains("retry: "), "{events}");
    let (mut resumed, _) = get(&server, &session, ids(&events).pop().as_deref());
    let answer = messages(&all(&mut resumed)).pop().expect("the answer");
    assert_eq!(answer["id"], 1);
}

/// E28, E44, E45: changes go to the session's own stream; a resource's only to who subscribed to it.
#[test]
fn changes_reach_the_standing_stream() {
    let server = server();
    let session = open(&server, "2025-06-18");
    let (mut stream, head) = get(&server, &session, None);
    assert_eq!((head.status, head.headers["content-type"].as_str()), (200, "text/event-stream"));
    let subscribe = |method: &str| {
        let reply = ask(&server, &session, &legacy(1, method, json!({ "uri": "test://watched-resource" })));
        assert_eq!(reply.json()["result"], json!({}));
    };
    ask(&server, &session, &tool(2, "touch_watched_resource", json!({})));
    subscribe("resources/subscribe");
    ask(&server, &session, &tool(3, "touch_watched_resource", json!({})));
    let updated = next_with(&mut stream, "notifications/resources/updated");
    assert_eq!(updated["params"]["uri"], "test://watched-resource");
    subscribe("resources/unsubscribe");
    ask(&server, &session, &tool(4, "touch_watched_resource", json!({})));
    server.connect().ask(&call(5, "toggle_dynamic_tool", json!({})), &[]);
    let text = stream.read_until("notifications/tools/list_changed");
    assert!(!text.contains("resources/updated"), "neither before nor after the subscription");
}

/// E29, E34: a newer standing stream takes over, and a change that nobody heard waits for the next.
#[test]
fn each_change_goes_to_one_stream() {
    let server = server();
    let session = open(&server, "2025-06-18");
    let (mut first, _) = get(&server, &session, None);
    let (mut second, _) = get(&server, &session, None);
    assert!(!all(&mut first).contains("data"), "the older one ends");
    let change = || server.connect().ask(&call(5, "toggle_dynamic_tool", json!({})), &[]);
    change();
    let seen = second.read_until("notifications/tools/list_changed");
    drop(second);
    let last = ids(&seen).pop().expect("changes have ids");
    change();
    let (mut third, _) = get(&server, &session, Some(&last));
    let text = third.read_until("list_changed");
    assert_eq!(messages(&text).len(), 1, "{text}");
}

/// E35: batches exist in 2025-03-26 and nowhere else.
#[test]
fn batches_are_served_in_their_revision_alone() {
    let server = server();
    let session = open(&server, "2025-03-26");
    let batch = json!([
        legacy(1, "ping", json!({})),
        notification("notifications/initialized", json!({})),
        tool(2, "slow", json!({ "ms": 20 })),
        legacy(3, "no/such", json!({})),
        initialize("2025-03-26"),
        { "jsonrpc": "2.0", "id": 4 },
    ]);
    let reply = ask(&server, &session, &batch);
    assert_eq!(reply.status, 200);
    let answers = reply.json();
    let answers = answers.as_array().expect("an array");
    assert_eq!(answers.iter().map(|answer| answer["id"].clone()).collect::<Vec<_>>(), [1, 2, 3, 0, 4]);
    assert_eq!(answers[0]["result"], json!({}));
    assert!(answers[1]["result"]["content"][0]["text"].as_str().unwrap().contains("20 ms"));
    let codes: Vec<_> = answers[2..].iter().map(|answer| answer["error"]["code"].clone()).collect();
    assert_eq!(codes, [-32601, -32600, -32600]);
    let quiet = json!([notification("notifications/initialized", json!({}))]);
    assert_eq!(ask(&server, &session, &quiet).status, 202);
    assert_eq!(ask(&server, &session, &json!([])).json()["error"]["code"], -32600);
    for revision in ["2024-11-05", "2025-06-18", "2025-11-25"] {
        let session = open(&server, revision);
        let refused = ask(&server, &session, &batch);
        assert_eq!((refused.status, refused.json()["error"]["code"].clone()), (400, json!(-32600)), "A10: {revision}");
    }
    assert_eq!(server.connect().ask(&batch, &[]).status, 400);
}

/// E43: the session's level decides which log messages come, on the stream of the call that sends them.
#[test]
fn the_level_is_the_sessions() {
    let server = server();
    let session = open(&server, "2025-06-18");
    let level = |level: &str| ask(&server, &session, &legacy(1, "logging/setLevel", json!({ "level": level }))).json();
    assert_eq!(level("error")["result"], json!({}));
    let reply = ask(&server, &session, &tool(2, "test_tool_with_logging", json!({})));
    assert_eq!(reply.headers["content-type"], "application/json", "nothing to tell");
    assert_eq!(level("debug")["result"], json!({}));
    let mut stream = start(&server, &session, &tool(3, "test_tool_with_logging", json!({})));
    let events = messages(&all(&mut stream));
    assert_eq!(events.iter().filter(|message| message["method"] == "notifications/message").count(), 3);
    assert_eq!(level("loud")["error"]["code"], -32602);
}

/// Sessions survive the process on sqlite, what they subscribed to included.
#[test]
fn a_session_survives_a_restart() {
    let folder = std::env::temp_dir().join(format!("sessions-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let store = format!("store.url=sqlite:{}", folder.join("state.db").display());
    let server = Server::start(PROGRAM, &[&store]);
    let session = open(&server, "2025-06-18");
    let subscribed =
        ask(&server, &session, &legacy(1, "resources/subscribe", json!({ "uri": "test://watched-resource" })));
    assert_eq!(subscribed.json()["result"], json!({}));
    let ended = open(&server, "2025-06-18");
    let mut connection = server.connect();
    connection.send("DELETE", "/mcp", &[("Mcp-Session-Id", &ended)], b"");
    assert_eq!(connection.reply().status, 200);
    drop(connection);
    server.terminate();
    assert!(server.wait().success());

    let server = Server::start(PROGRAM, &[&store]);
    let (mut stream, head) = get(&server, &session, None);
    assert_eq!(head.status, 200);
    ask(&server, &session, &tool(2, "touch_watched_resource", json!({})));
    next_with(&mut stream, "notifications/resources/updated");
    assert_eq!(ask(&server, &ended, &legacy(1, "ping", json!({}))).status, 404, "SC8");
    drop(server);
    std::fs::remove_dir_all(folder).unwrap();
}

/// E50, SL11: sessions are capped, and the refusal says so.
#[test]
fn sessions_are_capped() {
    let server = Server::start(PROGRAM, &["session.max=5", "session.max_per_principal=3"]);
    let ping = legacy(1, "ping", json!({}));
    for _ in 0..3 {
        assert_eq!(ask(&server, &open(&server, "2025-06-18"), &ping).status, 200);
    }
    let refused = server.connect().ask(&initialize("2025-06-18"), &[]);
    assert_eq!(refused.status, 503);
    assert_eq!(refused.json()["id"], 0);
    // The hint is true: a session gives way when it has been idle for a thirtieth of its time.
    let hint = refused.headers["retry-after"].parse::<u64>().unwrap();
    assert!((30..=60).contains(&hint), "{hint}");
    let millis = refused.json()["error"]["data"]["retryAfterMs"].as_u64().unwrap();
    assert_eq!(millis.div_ceil(1000), hint);
}

/// A flood of sessions that do nothing but open displaces itself and nobody else.
#[test]
fn sessions_that_only_open_give_way_to_new_ones() {
    let server = Server::start(PROGRAM, &["session.max=5", "session.max_per_principal=3"]);
    let ping = legacy(1, "ping", json!({}));
    let used = open(&server, "2025-06-18");
    assert_eq!(ask(&server, &used, &ping).status, 200);
    let flood: Vec<_> = (0..20).map(|_| open(&server, "2025-11-25")).collect();
    let status = |session: &String| ask(&server, session, &ping).status;
    assert_eq!(status(&used), 200);
    assert_eq!(flood.iter().map(status).filter(|status| *status == 200).count(), 2, "the newest");
    assert_eq!(status(&flood[19]), 200);
}

/// The gauge of open sessions falls without a request.
#[test]
fn idle_sessions_end_by_themselves() {
    let server = Server::start(PROGRAM, &["session.idle_timeout=1s", "admin.addr=127.0.0.1:0"]);
    for _ in 0..20 {
        open(&server, "2025-06-18");
    }
    let open_now = || server.metrics().sum("mcpserver_sessions_open", &[]);
    assert!(open_now() > 0.0);
    let deadline = std::time::Instant::now() + std::time::Duration::from_secs(30);
    while open_now() > 0.0 {
        assert!(std::time::Instant::now() < deadline, "{} sessions stay", open_now());
        std::thread::sleep(std::time::Duration::from_millis(100));
    }
}

/// A stream that is resumed begins with the id that it was resumed after, so that it can be resumed again at once.
#[test]
fn a_resumed_stream_begins_with_the_last_id() {
    let server = server();
    for (revision, kind) in [("2025-11-25", "data: \n"), ("2025-06-18", "event: resumed\n")] {
        let session = open(&server, revision);
        let progress = json!({ "name": "test_tool_with_progress", "arguments": {}, "_meta": { "progressToken": "p" } });
        let mut stream = start(&server, &session, &legacy(3, "tools/call", progress));
        let last = ids(&stream.read_until("\"progress\":0")).pop().expect("events have ids");
        drop(stream);
        for _ in 0..3 {
            let (mut again, _) = get(&server, &session, Some(&last));
            let first = again.read_until("\n\n");
            assert!(first.contains(kind) && messages(&first).is_empty(), "{first}");
            assert_eq!(ids(&first), std::slice::from_ref(&last));
        }
        let (mut rest, _) = get(&server, &session, Some(&last));
        assert_eq!(messages(&all(&mut rest)).last().expect("the answer")["id"], 3);
    }
}

/// E37: HTTP+SSE of 2024-11-05, where a key turns it on: all answers come down the one stream.
#[test]
fn the_oldest_transport_is_served_where_it_is_turned_on() {
    let server = Server::start(PROGRAM, &["http.legacy_sse=true"]);
    let mut stream = server.connect();
    stream.send("GET", "/sse", &[("Accept", "text/event-stream")], b"");
    assert_eq!(stream.head().headers["content-type"], "text/event-stream");
    let first = stream.read_until("\n\n");
    let endpoint = first.strip_prefix("event: endpoint\ndata: ").expect("the endpoint comes first").trim().to_owned();
    assert!(endpoint.starts_with("/messages?session="), "{endpoint}");
    let post = |message: &Value| {
        let mut connection = server.connect();
        connection.send("POST", &endpoint, &[("Content-Type", "application/json")], message.to_string().as_bytes());
        connection.reply().status
    };
    let mut next = |text: &str| messages(&stream.read_until(text)).pop().expect("a message");

    assert_eq!(post(&tool(9, "test_simple_text", json!({}))), 202);
    assert!(next("\"id\":9")["error"]["message"].as_str().unwrap().contains("initialize"));
    assert_eq!(post(&initialize("2024-11-05")), 202);
    assert_eq!(next("\"id\":0")["result"]["protocolVersion"], "2024-11-05");
    assert_eq!(post(&notification("notifications/initialized", json!({}))), 202);
    assert_eq!(post(&tool(1, "slow", json!({ "ms": 50 }))), 202);
    assert_eq!(post(&legacy(2, "ping", json!({}))), 202);
    assert_eq!(next("\"id\":2")["result"], json!({}), "a slow call holds nobody up");
    assert!(next("\"id\":1")["result"]["content"][0]["text"].as_str().unwrap().contains("50 ms"));
    assert_eq!(post(&tool(3, "test_sampling", json!({ "prompt": "hello" }))), 202);
    let question = next("sampling/createMessage");
    let sampled = json!({ "role": "assistant", "content": { "type": "text", "text": "hi" }, "model": "m" });
    assert_eq!(post(&json!({ "jsonrpc": "2.0", "id": question["id"], "result": sampled })), 202);
    assert_eq!(next("\"id\":3")["result"]["content"][0]["text"], "LLM response: hi");
    server.connect().ask(&call(5, "toggle_dynamic_tool", json!({})), &[]);
    next("notifications/tools/list_changed");
    drop(stream);
    let deadline = std::time::Instant::now() + std::time::Duration::from_secs(10);
    while post(&legacy(6, "ping", json!({}))) != 404 {
        assert!(std::time::Instant::now() < deadline, "the stream's end is the session's");
    }
}

/// C48: the oldest transport is off unless it is turned on.
#[test]
fn the_oldest_transport_is_off_by_default() {
    let server = server();
    let mut connection = server.connect();
    connection.send("GET", "/sse", &[("Accept", "text/event-stream")], b"");
    assert_eq!(connection.reply().status, 404);
}
