//! The faults of the field: each is driven from outside, over the real transports, and must end as a user needs it to.

#![allow(
    clippy::expect_used,
    clippy::format_collect,
    clippy::needless_pass_by_value,
    clippy::panic,
    clippy::type_complexity,
    clippy::unwrap_used,
    reason = "all of it is test code, where a panic says that a test failed"
)]

use mcp_server_tests::{Connection, Pipe, Server, call, initialize, legacy, modern, notification};
use serde_json::{Value, json};

const PROGRAM: &str = env!("CARGO_BIN_EXE_everything-under-test");

fn server() -> Server {
    Server::start(PROGRAM, &[])
}

fn kind(reply: &mcp_server_tests::Reply) -> Value {
    reply.tool_error()["kind"].clone()
}

/// TE1: the published range is enforced, and the error says what is allowed.
#[test]
fn an_argument_out_of_its_range_never_reaches_the_tool() {
    let server = server();
    let reply = server.connect().ask(&call(1, "limited", json!({"limit": 9999})), &[]);
    assert_eq!(reply.status, 200);
    assert_eq!(kind(&reply), "invalid_argument");
    let text = reply.json()["result"]["content"][0]["text"].as_str().unwrap().to_owned();
    assert!(text.contains("/limit") && text.contains("10"), "{text}");
    assert!(!text.contains("9999"), "the value is not repeated: {text}");
}

/// TE2: an unknown argument is refused, and the nearest name is offered.
#[test]
fn an_unknown_argument_is_refused_by_name() {
    let server = server();
    let reply = server.connect().ask(&call(1, "limited", json!({"limit": 5, "limmit": 7})), &[]);
    assert_eq!(kind(&reply), "invalid_argument");
    let text = reply.json()["result"]["content"][0]["text"].as_str().unwrap().to_owned();
    assert!(text.contains("limmit") && text.contains("`limit`"), "{text}");
}

/// BP3: arguments that are no object are a protocol error with the right code and the request's id.
#[test]
fn arguments_that_are_no_object_are_invalid_params() {
    let server = server();
    let reply = server.connect().ask(&call("seven", "limited", json!([1])), &[]);
    assert_eq!(reply.json()["error"]["code"], -32602);
    assert_eq!(reply.json()["id"], "seven");
    assert!(reply.json()["error"]["message"].as_str().unwrap().contains("/arguments"));
}

/// DS5: a result that breaks the tool's own output schema does not pass on.
#[test]
fn a_result_out_of_its_schema_is_an_error() {
    let server = server();
    let reply = server.connect().ask(&call(1, "broken_promise", json!({})), &[]);
    assert_eq!(kind(&reply), "invalid_output");
    assert!(reply.json()["result"].get("structuredContent").is_none());
}

/// BP7, DS6: NaN is an error that names its place, never `null`.
#[test]
fn nan_is_an_error_and_not_null() {
    let server = server();
    let reply = server.connect().ask(&call(1, "not_a_number", json!({})), &[]);
    assert_eq!(kind(&reply), "invalid_output");
    assert!(reply.tool_error()["message"].as_str().unwrap().contains("/celsius"));
}

/// SL6: a panic is answered at once, without its words; the log has them under the id that the client sees.
#[test]
fn a_panic_is_answered_and_logged() {
    let server = server();
    let mut connection = server.connect();
    let reply = connection.ask(&call(1, "boom", json!({})), &[]);
    assert_eq!(kind(&reply), "internal");
    assert!(!reply.body.contains("secret detail"), "{}", reply.body);
    let reference = reply.tool_error()["correlationId"].as_str().unwrap().to_owned();
    let line = server.logged("it panicked");
    assert!(line.contains(&reference) && line.contains("secret detail"), "{line}");
    let reply = connection.ask(&call(2, "test_simple_text", json!({})), &[]);
    assert_eq!(reply.status, 200, "the same connection goes on");
}

/// SL6 on stdio.
#[test]
fn a_panic_is_answered_on_stdio_too() {
    let mut pipe = Pipe::start(PROGRAM, &[]);
    let answer = pipe.ask(&call(1, "boom", json!({})));
    assert_eq!(answer["result"]["_meta"]["rs.mcp-server/error"]["kind"], "internal");
    assert_eq!(pipe.ask(&call(2, "effects", json!({})))["id"], 2);
}

/// BP1: what is no JSON is answered with `-32700`, on both transports, and what follows is served.
#[test]
fn malformed_json_is_answered() {
    let server = server();
    let mut connection = server.connect();
    connection.send("POST", "/mcp", &[("Content-Type", "application/json")], b"{\"jsonrpc\": \"2.0\", ");
    let reply = connection.reply();
    assert_eq!((reply.status, reply.json()["error"]["code"].as_i64()), (400, Some(-32700)));
    let mut pipe = Pipe::start(PROGRAM, &[]);
    pipe.write(b"{\"jsonrpc\": ");
    assert_eq!(pipe.next()["error"]["code"], -32700);
    assert_eq!(pipe.ask(&call(1, "effects", json!({})))["id"], 1);
}

/// BP2: JSON that is no message is `-32600`, with the id where it can be read.
#[test]
fn what_is_no_message_is_refused_with_its_id() {
    let server = server();
    let bodies = [
        (json!({"jsonrpc": "2.0", "id": 13}), json!(13)),
        (json!({"jsonrpc": "1.0", "id": "a", "method": "ping"}), json!("a")),
        (json!({"jsonrpc": "2.0", "id": null, "method": "ping"}), Value::Null),
        (json!([]), Value::Null),
        (json!(7), Value::Null),
    ];
    for (body, id) in bodies {
        let mut connection = server.connect();
        connection.post(&body, &[]);
        let reply = connection.reply();
        assert_eq!((reply.status, &reply.json()["error"]["code"]), (400, &json!(-32600)), "{body}");
        assert_eq!(reply.json()["id"], id, "{body}");
    }
}

/// BP5: a second request under an id that is in flight is refused; the first keeps its answer.
#[test]
fn a_duplicate_id_does_not_cost_the_first_its_answer() {
    let mut pipe = Pipe::start(PROGRAM, &[]);
    pipe.send(&call(1, "slow", json!({"ms": 300})));
    let second = pipe.ask(&call(1, "effects", json!({})));
    assert_eq!(second["error"]["code"], -32600);
    let first = pipe.next();
    assert_eq!(first["result"]["content"][0]["text"], "That took 300 ms.");
}

/// TR1: what a tool prints lands on standard error, and every line on standard output is a message.
#[test]
fn a_stray_print_does_not_break_the_protocol() {
    let mut pipe = Pipe::start(PROGRAM, &[]);
    let answer = pipe.ask(&call(1, "stray_print", json!({})));
    assert_eq!(answer["result"]["content"][0]["text"], "It was printed.");
    pipe.logged("this line is no message");
    assert!(pipe.finish().0.is_empty());
}

/// TR5, D14: a line over the limit is refused, costs no memory, and what follows it is served.
#[test]
fn a_line_that_is_too_long_is_refused() {
    let mut pipe = Pipe::start(PROGRAM, &["stdio.max_line=64KiB"]);
    pipe.write(&vec![b'x'; 1 << 20]);
    assert_eq!(pipe.next()["error"]["code"], -32700);
    assert_eq!(pipe.ask(&call(1, "effects", json!({})))["id"], 1);
}

/// TP4: a result over its limit of bytes is a structured error that says both sizes.
#[test]
fn a_result_that_is_too_large_is_an_error() {
    let server = server();
    let reply = server.connect().ask(&call(1, "big", json!({"bytes": 1_000_000})), &[]);
    assert_eq!(kind(&reply), "result_too_large");
    assert!(reply.body.len() < 2000);
    assert!(reply.tool_error()["message"].as_str().unwrap().contains("262144"));
}

/// TR5: a body over the limit is refused in JSON-RPC.
#[test]
fn a_body_that_is_too_large_is_refused() {
    let server = Server::start(PROGRAM, &["http.max_body=64KiB"]);
    let mut connection = server.connect();
    connection.send("POST", "/mcp", &[("Content-Type", "application/json"), ("Content-Length", "100000000")], b"{");
    let reply = connection.reply();
    assert_eq!((reply.status, reply.json()["error"]["code"].as_i64()), (413, Some(-32600)));
}

/// A1: a foreign Origin or Host, and `Origin: null`, are refused with 403; those of this machine pass.
#[test]
fn a_foreign_origin_is_refused() {
    let server = server();
    let message = call(1, "test_simple_text", json!({}));
    for header in [
        ("Origin", "https://evil.example"),
        ("Origin", "null"),
        ("Host", "evil.example"),
        ("Origin", "http://127.0.0.1.evil.example"),
    ] {
        let reply = server.connect().ask(&message, &[header]);
        assert_eq!(reply.status, 403, "{header:?}");
        assert!(reply.json()["error"]["code"].is_i64(), "{header:?}");
    }
    let own = format!("http://{}", server.address());
    for header in [("Origin", own.as_str()), ("Origin", "http://localhost:6274"), ("Host", "localhost")] {
        assert_eq!(server.connect().ask(&message, &[header]).status, 200, "{header:?}");
    }
}

/// SL4: functions that block their threads do not keep others waiting.
#[test]
fn blocking_functions_do_not_stop_the_others() {
    let server = server();
    let mut blocked: Vec<Connection> = (0..8).map(|_| server.connect()).collect();
    for connection in &mut blocked {
        connection.post(&call(1, "block", json!({"ms": 1500})), &[]);
    }
    let reply = server.connect().ask(&call(2, "test_simple_text", json!({})), &[]);
    assert_eq!(reply.status, 200);
    // If the free call had waited for a thread, the blocked ones would be done by now.
    let before = server.connect().ask(&call(3, "effects", json!({})), &[]);
    assert_eq!(before.status, 200);
    for connection in &mut blocked {
        assert_eq!(connection.reply().json()["result"]["content"][0]["text"], "That blocked for 1500 ms.");
    }
}

/// SL11: sessions are capped, in all and for each principal, and the refusal says so.
#[test]
fn sessions_are_capped() {
    let server = Server::start(PROGRAM, &["session.max=20", "session.max_per_principal=10"]);
    let mut opened = 0;
    let refused = loop {
        let reply = server.connect().ask(&initialize("2025-11-25"), &[]);
        if reply.status != 200 {
            break reply;
        }
        // One that did nothing but open would give way.
        let used = server
            .connect()
            .ask(&legacy(1, "ping", json!({})), &[("Mcp-Session-Id", &reply.headers["mcp-session-id"])]);
        assert_eq!(used.status, 200);
        opened += 1;
        assert!(opened <= 10, "the cap holds");
    };
    assert_eq!(opened, 10);
    assert_eq!(refused.status, 503);
    assert_eq!(refused.json()["id"], 0);
    assert!(refused.json()["error"]["message"].as_str().unwrap().contains("session"));
}

/// SL8: on SIGTERM a call in flight gets its answer, and the process ends well.
#[test]
fn a_call_in_flight_survives_sigterm() {
    let server = Server::start(PROGRAM, &["http.stream_after=0ms"]);
    let mut connection = server.connect();
    connection.post(&call(1, "slow", json!({"ms": 800})), &[]);
    // The head of its stream shows that the call runs.
    assert_eq!(connection.head().status, 200);
    server.terminate();
    server.logged("stopping");
    let answer = std::iter::from_fn(|| connection.piece()).find(|piece| piece.contains("That took 800 ms."));
    assert!(answer.is_some(), "the answer comes though the server stops");
    assert!(server.wait().success());
}

/// SL8 on stdio, and TR4: at the end of the input what runs is answered before the process ends.
#[test]
fn a_call_in_flight_survives_the_end_of_the_input() {
    let mut pipe = Pipe::start(PROGRAM, &[]);
    pipe.send(&call(1, "slow", json!({"ms": 300})));
    let (rest, status) = pipe.finish();
    assert_eq!(rest.len(), 1);
    assert_eq!(rest[0]["result"]["content"][0]["text"], "That took 300 ms.");
    assert!(status.success());
}

/// TC4: a client that goes away cancels its modern call; the function is dropped where it stands.
#[test]
fn a_disconnect_cancels_a_modern_call() {
    let server = server();
    let mut leaving = server.connect();
    leaving.post(&call(1, "late_effect", json!({"ms": 600})), &[]);
    let mut staying = server.connect();
    staying.ask(&call(2, "effects", json!({})), &[]);
    drop(leaving);
    staying.ask(&call(3, "slow", json!({"ms": 1200})), &[]);
    let reply = staying.ask(&call(4, "effects", json!({})), &[]);
    assert_eq!(reply.json()["result"]["content"][0]["text"], "0");
}

/// TC4, TC5, D07: a cancelled call on stdio is dropped, and nothing more is sent for it.
#[test]
fn a_cancelled_call_is_dropped() {
    let mut pipe = Pipe::start(PROGRAM, &[]);
    pipe.send(&call(1, "late_effect", json!({"ms": 300})));
    pipe.send(&notification("notifications/cancelled", json!({"requestId": 1})));
    pipe.send(&call(2, "slow", json!({"ms": 700})));
    assert_eq!(pipe.next()["id"], 2);
    assert_eq!(pipe.ask(&call(3, "effects", json!({})))["result"]["content"][0]["text"], "0");
}

/// A tool's own limit of time ends the call, and the answer names the limit.
#[test]
fn a_call_is_stopped_at_its_limit() {
    let server = server();
    let reply = server.connect().ask(&call(1, "hang", json!({})), &[]);
    assert_eq!(kind(&reply), "timeout");
    assert!(reply.tool_error()["message"].as_str().unwrap().contains("0.1 s"));
    assert_eq!(reply.tool_error()["retryable"], true);
}

/// The silent empty: a tool that returns nothing and says nothing is an error.
#[test]
fn an_empty_without_a_reason_is_an_error() {
    let server = server();
    let reply = server.connect().ask(&call(1, "empty", json!({})), &[]);
    assert_eq!(kind(&reply), "unexplained_empty");
    assert_eq!(reply.json()["result"]["isError"], true);
}

/// BP11: nesting without end is refused, on the right layer, and the server goes on.
#[test]
fn deep_nesting_is_refused() {
    let server = server();
    let mut connection = server.connect();
    let deep = format!("{}{}", "[".repeat(10_000), "]".repeat(10_000));
    let message = call(1, "limited", json!({"limit": "DEEP"})).to_string().replace("\"DEEP\"", &deep);
    let headers = [
        ("Content-Type", "application/json"),
        ("MCP-Protocol-Version", "2026-07-28"),
        ("Mcp-Method", "tools/call"),
        ("Mcp-Name", "limited"),
    ];
    connection.send("POST", "/mcp", &headers, message.as_bytes());
    let reply = connection.reply();
    assert!(reply.json()["error"]["code"].is_i64() || kind(&reply) == "invalid_argument", "{}", reply.body);
    assert_eq!(connection.ask(&modern(2, "server/discover", json!({})), &[]).status, 200);
}
