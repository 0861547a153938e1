//! Sessions that no store keeps: `session.mode = "sealed"`.

use mcp_server_tests::{Server, initialize, legacy, notification};
use serde_json::json;

use crate::client::{PROGRAM, all, ask, delete, get, messages, open, start, tool};

const KEY: &str = r#"seal.keys=[{ id = "a", secret = "an invented secret of the tests, long enough" }]"#;

fn sealed(more: &[&str]) -> Server {
    let settings: Vec<&str> = ["session.mode=sealed", KEY].into_iter().chain(more.iter().copied()).collect();
    Server::start(PROGRAM, &settings)
}

/// E17, E13: any process with the same keys serves the session, and none of them keeps it.
#[test]
fn a_sealed_session_is_served_by_whoever_has_the_keys() {
    let (one, two) = (sealed(&[]), sealed(&[]));
    let session = open(&one, "2025-06-18");
    assert!(session.len() < 512 && session.bytes().all(|byte| (0x21..=0x7e).contains(&byte)), "{session}");
    for server in [&one, &two] {
        let tools = ask(server, &session, &legacy(1, "tools/list", json!({})));
        assert!(tools.json()["result"]["tools"].as_array().is_some_and(|tools| !tools.is_empty()));
        let called = ask(server, &session, &tool(2, "test_simple_text", json!({})));
        assert_eq!((called.status, called.json()["id"].clone()), (200, json!(2)));
    }
    drop((one, two));
    assert_eq!(ask(&sealed(&[]), &session, &legacy(1, "ping", json!({}))).status, 200, "restarts mean nothing to it");
}

/// SL7, E15, SC8: what no key of ours sealed, or what is over, is 404.
#[test]
fn what_is_not_sealed_by_us_is_404() {
    let (server, other) = (sealed(&["session.sealed_for=1s"]), Server::start(PROGRAM, &["session.mode=sealed"]));
    let session = open(&server, "2025-06-18");
    let ping = legacy(1, "ping", json!({}));
    assert_eq!(ask(&other, &session, &ping).status, 404);
    let changed = format!("{}A", &session[..session.len() - 1]);
    let forged = if changed == session { format!("{}B", &session[..session.len() - 1]) } else { changed };
    for id in [forged.as_str(), "nonsense", "0-AAAAAAAAAAAAAAAAAAAAAA", &"A".repeat(4_000)] {
        assert_eq!(ask(&server, id, &ping).status, 404, "{id}");
    }
    let deadline = std::time::Instant::now() + std::time::Duration::from_secs(10);
    while ask(&server, &session, &ping).status == 200 {
        assert!(std::time::Instant::now() < deadline, "its life ends, used or not");
    }
    assert_eq!(ask(&server, &session, &ping).status, 404);
}

/// E16, E33, promise 7: what needs memory is not announced, and refused in words that say why.
#[test]
fn what_needs_memory_is_refused_by_name() {
    let server = sealed(&[]);
    let reply = server.connect().ask(&initialize("2025-11-25"), &[]);
    let capabilities = &reply.json()["result"]["capabilities"];
    assert!(capabilities.get("logging").is_none() && capabilities["tools"] == json!({}), "{capabilities}");
    assert_eq!(capabilities["resources"], json!({}));
    let session = reply.headers["mcp-session-id"].clone();
    for (method, params) in [
        ("logging/setLevel", json!({ "level": "info" })),
        ("resources/subscribe", json!({ "uri": "test://watched-resource" })),
        ("resources/unsubscribe", json!({ "uri": "test://watched-resource" })),
    ] {
        let error = ask(&server, &session, &legacy(1, method, params)).json()["error"].clone();
        assert_eq!(error["code"], -32601, "{method}");
        assert!(error["message"].as_str().unwrap().contains("session.mode"), "{error}");
    }
    let deleted = delete(&server, &session);
    assert_eq!((deleted.status, deleted.headers["allow"].as_str()), (405, "POST"));
    for last in [None, Some("AAAAAAAA.5")] {
        assert_eq!(get(&server, &session, last).1.status, 405);
    }
    let asked = ask(&server, &session, &tool(2, "test_elicitation", json!({ "message": "who?" }))).json();
    assert_eq!(asked["result"]["isError"], true);
    assert!(asked["result"]["content"][0]["text"].as_str().unwrap().contains("session.mode"), "{asked}");
    for message in [
        notification("notifications/initialized", json!({})),
        notification("notifications/cancelled", json!({ "requestId": 9 })),
        json!({ "jsonrpc": "2.0", "id": 5, "result": {} }),
    ] {
        assert_eq!(ask(&server, &session, &message).status, 202);
    }
}

/// A slow call becomes a stream all the same, whose events cannot be resumed from and so have no ids.
#[test]
fn a_slow_call_is_a_stream_of_its_connection() {
    let server = sealed(&["http.stream_after=10ms"]);
    let session = open(&server, "2025-11-25");
    let events = all(&mut start(&server, &session, &tool(1, "slow", json!({ "ms": 100 }))));
    assert!(!events.contains("id: ") && !events.contains("retry: "), "{events}");
    assert!(
        messages(&events).pop().expect("the answer")["result"]["content"][0]["text"]
            .as_str()
            .unwrap()
            .contains("100 ms")
    );
    let mut told = start(&server, &session, &tool(2, "test_tool_with_logging", json!({})));
    assert_eq!(messages(&all(&mut told)).len(), 4, "three messages and the answer");
}
