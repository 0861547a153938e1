//! Headers that repeat the body: missing, different, twice (C18 to C28), and the order of the checks.

use mcp_server_tests::{call, modern};
use serde_json::{Value, json};

use super::{ask_with, refusal, send, server, standard};

const VERSION: &str = "io.modelcontextprotocol/protocolVersion";
const CAPABILITIES: &str = "io.modelcontextprotocol/clientCapabilities";

type Change = (&'static str, Option<&'static str>);

fn simple() -> Value {
    call("h", "test_simple_text", json!({}))
}

fn read() -> Value {
    modern("h", "resources/read", json!({"uri": "test://static-text"}))
}

fn prompt() -> Value {
    modern("h", "prompts/get", json!({"name": "test_simple_prompt"}))
}

/// A message that names another version in its body.
fn of_version(mut message: Value, version: Value) -> Value {
    message["params"]["_meta"][VERSION] = version;
    message
}

/// A message without a part of its `_meta`.
fn without(mut message: Value, key: &str) -> Value {
    message["params"]["_meta"].as_object_mut().unwrap().remove(key);
    message
}

#[test]
fn headers_must_agree_with_the_body() {
    let server = server();
    let mut connection = server.connect();
    let ok = (200, None);
    let mismatch = (400, Some(-32020));
    let unsupported = (400, Some(-32022));
    let incomplete = (400, Some(-32602));
    let v999 = || json!("v999.0.0");
    let bare = json!({"jsonrpc": "2.0", "id": "h", "method": "tools/list"});
    let table: Vec<(&str, Value, Vec<Change>, (u16, Option<i64>))> = vec![
        ("C18 as it should be", simple(), vec![], ok),
        ("C18 version missing", simple(), vec![("MCP-Protocol-Version", None)], mismatch),
        ("C18 version differs", simple(), vec![("MCP-Protocol-Version", Some("2025-11-25"))], mismatch),
        ("C18 version empty", simple(), vec![("MCP-Protocol-Version", Some(""))], mismatch),
        ("C19 unknown", of_version(simple(), v999()), vec![("MCP-Protocol-Version", Some("v999.0.0"))], unsupported),
        (
            "C19 legacy",
            of_version(simple(), json!("2025-11-25")),
            vec![("MCP-Protocol-Version", Some("2025-11-25"))],
            unsupported,
        ),
        ("C19 no string", of_version(simple(), json!(20260728)), vec![], incomplete),
        ("C21 method missing", simple(), vec![("Mcp-Method", None)], mismatch),
        ("C21 method in capitals", simple(), vec![("Mcp-Method", Some("TOOLS/CALL"))], mismatch),
        ("C21 another method", simple(), vec![("Mcp-Method", Some("tools/list"))], mismatch),
        ("C22 name missing", simple(), vec![("Mcp-Name", None)], mismatch),
        ("C22 another name", simple(), vec![("Mcp-Name", Some("test_image_content"))], mismatch),
        ("C22 name in capitals", simple(), vec![("Mcp-Name", Some("TEST_SIMPLE_TEXT"))], mismatch),
        ("C22 prompt as it should be", prompt(), vec![], ok),
        ("C22 prompt missing", prompt(), vec![("Mcp-Name", None)], mismatch),
        ("C22 prompt differs", prompt(), vec![("Mcp-Name", Some("x"))], mismatch),
        ("C22 URI as it should be", read(), vec![], ok),
        ("C22 URI missing", read(), vec![("Mcp-Name", None)], mismatch),
        ("C22 URI differs", read(), vec![("Mcp-Name", Some("test://static-binary"))], mismatch),
        ("C22 no name wanted", modern("h", "tools/list", json!({})), vec![], ok),
        (
            "C23 names in any case",
            simple(),
            vec![("mCP-mETHOD", Some("tools/call")), ("MCP-NAME", Some("test_simple_text"))],
            ok,
        ),
        (
            "C23 white space around",
            simple(),
            vec![("Mcp-Method", Some("  tools/call\t")), ("Mcp-Name", Some(" test_simple_text "))],
            ok,
        ),
        ("C24 illegal characters", simple(), vec![("Mcp-Name", Some("tést_simple_text"))], mismatch),
        ("C24 illegal characters", simple(), vec![("Mcp-Method", Some("tools/cäll"))], mismatch),
        ("C27 body of another version", of_version(simple(), v999()), vec![], mismatch),
        ("C27 no capabilities", without(simple(), CAPABILITIES), vec![], incomplete),
        ("C27 no version", without(simple(), VERSION), vec![], incomplete),
        ("C27, A17 no params", bare, vec![], incomplete),
        (
            "C28 version before method",
            of_version(simple(), v999()),
            vec![("MCP-Protocol-Version", Some("v999.0.0")), ("Mcp-Method", None)],
            unsupported,
        ),
        ("C26 meta before headers", without(simple(), CAPABILITIES), vec![("MCP-Protocol-Version", None)], incomplete),
        ("C26 headers before method", modern("h", "no/such", json!({})), vec![("Mcp-Method", None)], mismatch),
        ("C26 method unknown", modern("h", "no/such", json!({})), vec![], (404, Some(-32601))),
        ("C26 name before the tool", call("h", "no_such", json!({})), vec![("Mcp-Name", None)], mismatch),
        (
            "C43, A18 tool unknown",
            call("h", "no_such", json!({})),
            vec![("Mcp-Param-Value", Some("x"))],
            (200, Some(-32602)),
        ),
        ("C38 name encoded", simple(), vec![("Mcp-Name", Some("=?base64?dGVzdF9zaW1wbGVfdGV4dA==?="))], ok),
        ("C38 marker in capitals", simple(), vec![("Mcp-Name", Some("=?BASE64?dGVzdF9zaW1wbGVfdGV4dA==?="))], mismatch),
        ("C38 method is never encoded", simple(), vec![("Mcp-Method", Some("=?base64?dG9vbHMvY2FsbA==?="))], mismatch),
        (
            "C38 version is never encoded",
            simple(),
            vec![("MCP-Protocol-Version", Some("=?base64?MjAyNi0wNy0yOA==?="))],
            mismatch,
        ),
        ("C40 no padding", simple(), vec![("Mcp-Name", Some("=?base64?dGVzdF9zaW1wbGVfdGV4dA?="))], mismatch),
        ("C40 wrong alphabet", simple(), vec![("Mcp-Name", Some("=?base64?dGVzdF9z!W1wbGVfdGV4dA==?="))], mismatch),
        ("C40 no UTF-8", simple(), vec![("Mcp-Name", Some("=?base64?//79?="))], mismatch),
        (
            "C17 session passed over",
            simple(),
            vec![("Mcp-Session-Id", Some("nobody's")), ("Last-Event-ID", Some("7"))],
            ok,
        ),
    ];
    for (id, message, changes, expected) in table {
        let reply = ask_with(&mut connection, &message, &changes);
        assert_eq!(refusal(&reply), expected, "{id}: {}", reply.body);
        assert_eq!(reply.json()["id"], "h", "A27, {id}");
        assert_eq!(reply.headers["content-type"], "application/json", "{id}");
        assert!(!reply.headers.contains_key("mcp-session-id"), "C17, {id}");
    }
}

/// C25: two lines of one header pass if they say the same, whichever of them a proxy has read.
#[test]
fn a_header_that_stands_twice_must_say_the_same() {
    let server = server();
    for (name, other) in [("MCP-Protocol-Version", "2025-11-25"), ("Mcp-Method", "tools/list"), ("Mcp-Name", "x")] {
        let message = simple();
        let mut headers = standard(&message);
        let same = headers.iter().find(|(given, _)| given == name).unwrap().clone();
        headers.push(same);
        assert_eq!(refusal(&send(&mut server.connect(), &message, &headers)), (200, None), "{name}");
        headers.pop();
        for at in [0, headers.len()] {
            let mut headers = headers.clone();
            headers.insert(at, (name.to_owned(), other.to_owned()));
            let reply = send(&mut server.connect(), &message, &headers);
            assert_eq!(refusal(&reply), (400, Some(-32020)), "{name} at {at}");
        }
    }
}

/// C19, A22: a version that is not served is named, beside those that are.
#[test]
fn an_unsupported_version_is_named() {
    let server = server();
    let message = of_version(simple(), json!("v999.0.0"));
    let reply = ask_with(&mut server.connect(), &message, &[("MCP-Protocol-Version", Some("v999.0.0"))]);
    assert_eq!(reply.json()["error"]["data"], json!({"supported": ["2026-07-28"], "requested": "v999.0.0"}));
}

/// C27: who the client is may be left out; a wrong type of what it can do may not.
#[test]
fn what_the_client_says_of_itself_is_checked() {
    let server = server();
    for (key, value, code) in [
        (CAPABILITIES, json!(["elicitation"]), Some(-32602)),
        (CAPABILITIES, json!({"elicitation": true}), Some(-32602)),
        (CAPABILITIES, json!({"experimental": {"x": {}}, "unknown": 1}), None),
        ("io.modelcontextprotocol/logLevel", json!("loud"), Some(-32602)),
        ("io.modelcontextprotocol/clientInfo", json!({"name": "a", "version": "1"}), None),
    ] {
        let mut message = simple();
        message["params"]["_meta"][key] = value.clone();
        let reply = ask_with(&mut server.connect(), &message, &[]);
        assert_eq!(reply.json()["error"]["code"].as_i64(), code, "{key}: {value}");
    }
}
