//! While it runs: what needs the store is refused within its deadline, what does not goes on, and nothing is forgotten.

use mcp_server_tests::{Server, call, initialize, legacy};
use serde_json::json;

use super::service::{Absence, Service};
use super::{ask, is_unavailable, open, replica};

const ABSENCES: [Absence; 2] = [Absence::Paused, Absence::Gone];

fn echo(id: u64) -> serde_json::Value {
    legacy(id, "tools/call", json!({ "name": "test_simple_text", "arguments": {} }))
}

fn goes_on(server: &Server, session: &str) {
    for message in [echo(1), legacy(2, "tools/list", json!({})), legacy(3, "ping", json!({}))] {
        let reply = ask(server, session, &message);
        assert_eq!(reply.status, 200, "a session in use here needs no store: {}", reply.body);
        assert!(reply.json()["result"].is_object(), "{}", reply.body);
    }
    let modern = server.connect().ask(&call(4, "test_simple_text", json!({})), &[]);
    assert_eq!(modern.status, 200, "{}", modern.body);
}

#[test]
fn what_needs_the_store_is_unavailable_what_does_not_goes_on_and_all_is_there_afterwards() {
    Service::each(|service| {
        let (one, two) = (replica(&service.url(), &[]), replica(&service.url(), &[]));
        for absence in ABSENCES {
            let (warm, cold) = (open(&one), open(&two));
            one.becomes("ready");
            service.go(absence);
            // The first ones wait for the deadline, the ones after that do not.
            for id in 10..16 {
                is_unavailable(&ask(&one, &cold, &echo(id)), id);
                is_unavailable(&one.connect().ask(&initialize("2025-11-25"), &[]), 0);
            }
            let subscribe = legacy(17, "resources/subscribe", json!({ "uri": "test://watched-resource" }));
            is_unavailable(&ask(&one, &warm, &subscribe), 17);
            goes_on(&one, &warm);
            one.becomes("store");
            assert_eq!(one.admin("/livez"), (200, "live".to_owned()));
            service.come_back(absence);
            one.becomes("ready");
            two.becomes("ready");
            for server in [&one, &two] {
                for session in [&warm, &cold] {
                    assert_eq!(ask(server, session, &echo(20)).status, 200, "{absence:?}: a session is forgotten");
                }
            }
        }
    });
}

#[test]
fn a_call_that_would_be_streamed_still_has_its_answer() {
    Service::each(|service| {
        let server = replica(&service.url(), &["http.stream_after=0s"]);
        for absence in ABSENCES {
            let session = open(&server);
            service.go(absence);
            let progress =
                json!({ "name": "test_tool_with_progress", "arguments": {}, "_meta": { "progressToken": 1 } });
            let reply = ask(&server, &session, &legacy(5, "tools/call", progress));
            assert_eq!(reply.status, 200, "{}", reply.body);
            assert!(reply.json()["result"]["content"].is_array(), "{}", reply.body);
            service.come_back(absence);
            server.becomes("ready");
        }
    });
}

#[test]
fn a_stream_that_had_begun_still_ends_in_its_answer() {
    Service::each(|service| {
        let server = replica(&service.url(), &["http.stream_after=0s"]);
        let session = open(&server);
        let mut connection = server.connect();
        let slow = json!({ "name": "slow", "arguments": { "ms": 2000 } });
        connection.post(&legacy(5, "tools/call", slow), &[("Mcp-Session-Id", &session)]);
        let head = connection.head();
        assert_eq!(head.headers["content-type"], "text/event-stream");
        service.go(Absence::Paused);
        let rest = connection.read_until(r#""result""#);
        assert!(rest.contains(r#""id":5"#), "{rest}");
        service.come_back(Absence::Paused);
    });
}
