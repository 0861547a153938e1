//! Messages, statuses and streams: A02 to A27, C02 to C17.

use mcp_server_tests::{call, modern, notification};
use serde_json::{Value, json};

use super::{ask, refusal, server, with};

fn with_progress(id: impl Into<Value>) -> Value {
    let params = json!({"name": "test_tool_with_progress", "arguments": {}, "_meta": {"progressToken": 0}});
    modern(id, "tools/call", params)
}

/// C02: no Origin is no browser.
#[test]
fn an_absent_origin_is_fine() {
    assert_eq!(ask(&server(), &call(1, "test_simple_text", json!({}))).status, 200);
}

/// C06, A05: a notification is accepted with an empty body, whatever it is.
#[test]
fn a_notification_is_accepted_and_not_answered() {
    let server = server();
    let mut connection = server.connect();
    for method in ["notifications/cancelled", "notifications/initialized", "notifications/foo", "tools/call"] {
        let mut message = modern(0, method, json!({"requestId": 1, "name": "boom"}));
        message.as_object_mut().unwrap().remove("id");
        for message in [message, notification(method, json!({}))] {
            let reply = connection.ask(&message, &[]);
            assert_eq!((reply.status, reply.body.as_str()), (202, ""), "{method}");
        }
    }
}

/// C07, C08: an answer without anything before it is one JSON object.
#[test]
fn a_plain_answer_is_json() {
    let reply = ask(&server(), &call(1, "test_simple_text", json!({})));
    assert_eq!(reply.headers["content-type"], "application/json");
    assert!(!reply.headers.contains_key("x-accel-buffering"));
    assert_eq!(reply.json()["result"]["resultType"], "complete", "A06");
    assert_eq!(reply.json()["result"]["_meta"]["io.modelcontextprotocol/serverInfo"]["name"], "everything", "A08");
}

/// C08 to C11: what is told on the way makes it a stream, whose last event is the answer.
#[test]
fn a_call_that_tells_is_a_stream() {
    let server = server();
    let mut connection = server.connect();
    let reply = connection.ask(&with_progress("p"), &[]);
    assert_eq!((reply.status, reply.headers["content-type"].as_str()), (200, "text/event-stream"));
    assert_eq!(reply.headers["x-accel-buffering"], "no");
    assert!(reply.headers["cache-control"].contains("no-cache"));
    assert!(!reply.body.contains("\nid:") && !reply.body.starts_with("id:"), "C13: nothing can be resumed");
    let events: Vec<Value> = reply
        .body
        .lines()
        .filter_map(|line| line.strip_prefix("data: "))
        .map(|data| serde_json::from_str(data).unwrap())
        .collect();
    let (answer, told) = events.split_last().unwrap();
    assert_eq!((&answer["id"], &answer["result"]["resultType"]), (&json!("p"), &json!("complete")));
    assert_eq!(told.len(), 3);
    for (event, progress) in told.iter().zip([0.0, 50.0, 100.0]) {
        assert_eq!(event["method"], "notifications/progress", "C09");
        assert_eq!(event["params"]["progressToken"], 0, "G25");
        assert_eq!(event["params"]["progress"].as_f64(), Some(progress), "G24");
    }
    // The stream has ended: the connection serves what comes next.
    assert_eq!(connection.ask(&call(2, "test_simple_text", json!({})), &[]).status, 200);
}

/// G24, G19: what nobody asked for is not told, and then there is no stream.
#[test]
fn nothing_is_told_unasked() {
    let server = server();
    for tool in ["test_tool_with_progress", "test_tool_with_logging"] {
        let reply = ask(&server, &call(1, tool, json!({})));
        assert_eq!(reply.headers["content-type"], "application/json", "{tool}");
    }
    let mut params = json!({"name": "test_tool_with_logging", "arguments": {}});
    params["_meta"] = json!({"io.modelcontextprotocol/logLevel": "info"});
    let reply = ask(&server, &modern(1, "tools/call", params.clone()));
    assert_eq!(reply.body.matches("notifications/message").count(), 3);
    params["_meta"]["io.modelcontextprotocol/logLevel"] = "warning".into();
    assert!(!ask(&server, &modern(1, "tools/call", params)).body.contains("notifications/message"));
}

/// TR7: a client that reads no events gets the answer alone; whatever it accepts, it is served.
#[test]
fn any_accept_is_served() {
    let server = server();
    for (accept, streams) in [
        ("application/json", false),
        ("application/*", false),
        ("*/*", true),
        ("text/event-stream", true),
        ("application/json, text/event-stream;q=0.9", true),
    ] {
        let reply = super::ask_with(&mut server.connect(), &with_progress(1), &[("Accept", Some(accept))]);
        assert_eq!(reply.status, 200, "{accept}");
        assert_eq!(reply.headers["content-type"] == "text/event-stream", streams, "{accept}");
        assert_eq!(reply.json()["result"]["content"][0]["text"], "Progress was reported.", "{accept}");
    }
}

/// C08: a call that takes its time becomes a stream, so that nobody on the way takes it for dead; C12: which says so.
#[test]
fn a_slow_call_becomes_a_stream_that_is_kept_alive() {
    let server = with(&["http.stream_after=10ms", "http.keep_alive=100ms"]);
    let mut connection = server.connect();
    connection.post(&call(1, "slow", json!({"ms": 400})), &[]);
    assert_eq!(connection.head().headers["content-type"], "text/event-stream");
    let all = connection.read_until("That took");
    let comments = all.lines().filter(|line| line.starts_with(':')).count();
    assert!(comments >= 2, "{all:?}");
    assert!(connection.piece().is_none(), "C10: the stream ends behind the answer");
}

/// A26: what is refused is refused with its status, before there is a stream.
#[test]
fn a_refusal_is_no_stream() {
    let server = with(&["http.stream_after=0s"]);
    let mut message = with_progress("r");
    message["method"] = "tools/nothing".into();
    let reply = ask(&server, &message);
    assert_eq!((refusal(&reply), reply.headers["content-type"].as_str()), ((404, Some(-32601)), "application/json"));
}

/// C16: methods that the modern era has not.
#[test]
fn other_methods_are_refused_with_a_body() {
    let server = server();
    for method in ["GET", "DELETE", "PUT", "PATCH"] {
        let mut connection = server.connect();
        connection.send(
            method,
            "/mcp",
            &[("MCP-Protocol-Version", "2026-07-28"), ("Accept", "text/event-stream")],
            b"",
        );
        let reply = connection.reply();
        assert_eq!(reply.status, 405, "{method}: {}", reply.body);
        assert!(reply.headers["allow"].contains("POST"), "{method}");
        assert!(reply.json()["error"]["code"].is_i64(), "BP6, {method}");
    }
}

/// A02: an id comes back as it was sent, value and type.
#[test]
fn ids_come_back_as_they_were_sent() {
    let server = server();
    let mut connection = server.connect();
    let ids =
        ["1", "\"1\"", "0", "-7", "9007199254740993", "123456789012345678901234567890", "\"\"", "\"ü \\u00fc \\\"\""];
    for id in ids {
        let message = modern("ID", "tools/list", json!({})).to_string().replace("\"ID\"", id);
        let headers = [
            ("Content-Type", "application/json"),
            ("MCP-Protocol-Version", "2026-07-28"),
            ("Mcp-Method", "tools/list"),
        ];
        connection.send("POST", "/mcp", &headers, message.as_bytes());
        let reply = connection.reply();
        assert_eq!(reply.status, 200, "{id}");
        let plain: Value = serde_json::from_str(id).unwrap();
        assert_eq!(reply.json()["id"], plain, "{id}");
        let number = !id.starts_with('"');
        assert!(!number || reply.body.contains(&format!("\"id\":{id}")), "{id}: {}", reply.body);
    }
}

/// A02, A10, A15, BP10: what is no request is refused, under its id where it has one.
#[test]
fn what_is_no_request_is_refused() {
    let server = server();
    let good = modern(5, "tools/list", json!({})).to_string();
    let twice_method = good.replacen("\"method\"", "\"method\":\"tools/call\",\"method\"", 1);
    let twice_name = call(5, "effects", json!({})).to_string().replacen("\"name\"", "\"name\":\"boom\",\"name\"", 1);
    let list = [("Mcp-Method", "tools/list")];
    let effects = [("Mcp-Method", "tools/call"), ("Mcp-Name", "effects")];
    let table: Vec<(&str, String, &[(&str, &str)], i64, Value)> = vec![
        ("A02 fraction", good.replacen(":5", ":5.5", 1), &list, -32600, Value::Null),
        ("A02 exponent", good.replacen(":5", ":5e0", 1), &list, -32600, Value::Null),
        ("A02 null", good.replacen(":5", ":null", 1), &list, -32600, Value::Null),
        ("A02 object", good.replacen(":5", ":{}", 1), &list, -32600, Value::Null),
        ("A02 true", good.replacen(":5", ":true", 1), &list, -32600, Value::Null),
        ("A10 batch", format!("[{good}]"), &list, -32600, Value::Null),
        ("A10 empty batch", "[]".to_owned(), &list, -32600, Value::Null),
        ("A01 another JSON-RPC", good.replacen("\"2.0\"", "\"2.1\"", 1), &list, -32600, json!(5)),
        ("A01 no JSON-RPC", good.replacen("\"jsonrpc\":\"2.0\",", "", 1), &list, -32600, json!(5)),
        ("A15 method is a number", good.replacen("\"tools/list\"", "7", 1), &list, -32600, json!(5)),
        ("A15 a string", "\"tools/list\"".to_owned(), &list, -32600, Value::Null),
        ("BP10 method twice", twice_method, &list, -32600, json!(5)),
        ("BP10 name twice", twice_name, &effects, -32602, json!(5)),
        ("BP10 other case", good.replacen("\"method\"", "\"Method\"", 1), &list, -32600, json!(5)),
        ("A14 two values", format!("{good}{good}"), &list, -32700, Value::Null),
        ("A14 nothing", String::new(), &list, -32700, Value::Null),
    ];
    for (id, body, own, code, echoed) in table {
        let mut headers = vec![("Content-Type", "application/json"), ("MCP-Protocol-Version", "2026-07-28")];
        headers.extend_from_slice(own);
        let mut connection = server.connect();
        connection.send("POST", "/mcp", &headers, body.as_bytes());
        let reply = connection.reply();
        assert_eq!(refusal(&reply), (400, Some(code)), "{id}: {}", reply.body);
        assert_eq!(reply.json()["id"], echoed, "A27, {id}");
        assert!(!reply.body.contains("\"id\":null"), "A04, {id}: an id that was not read is left out");
        assert_eq!(
            connection.ask(&modern(6, "tools/list", json!({})), &[]).status,
            200,
            "{id}: what follows is served"
        );
    }
}

/// TR2: bytes that are no UTF-8 are no message; a mark of the byte order is passed over.
#[test]
fn encodings() {
    let server = server();
    let message = modern(1, "tools/list", json!({})).to_string();
    let headers = [
        ("Content-Type", "application/json;charset=utf-8"),
        ("MCP-Protocol-Version", "2026-07-28"),
        ("Mcp-Method", "tools/list"),
    ];
    let mut broken = message.clone().into_bytes();
    broken.insert(2, 0xff);
    for (body, expected) in
        [(broken, (400, Some(-32700))), (format!("\u{feff}{message}\r\n").into_bytes(), (200, None))]
    {
        let mut connection = server.connect();
        connection.send("POST", "/mcp", &headers, &body);
        assert_eq!(refusal(&connection.reply()), expected);
    }
}

/// A16: what is not served is 404 with a body, the methods of the legacy era too.
#[test]
fn unknown_methods_are_404_with_a_body() {
    let server = server();
    let mut connection = server.connect();
    for method in [
        "initialize",
        "ping",
        "logging/setLevel",
        "resources/subscribe",
        "resources/unsubscribe",
        "tools/List",
        "roots/list",
        "x",
    ] {
        let reply = connection.ask(&modern("u", method, json!({})), &[]);
        assert_eq!((refusal(&reply), &reply.json()["id"]), ((404, Some(-32601)), &json!("u")), "{method}");
    }
}

/// A17, BP3: parameters of the wrong shape are named.
#[test]
fn parameters_of_a_wrong_shape_are_named() {
    let server = server();
    let call = |params: Value| modern("s", "tools/call", params);
    let table = [
        (call(json!({"arguments": {}})), "/name"),
        (call(json!({"name": 7})), "/name"),
        (call(json!({"name": "limited", "arguments": "x"})), "/arguments"),
        (modern("s", "resources/read", json!({})), "/uri"),
        (modern("s", "prompts/get", json!({"name": "test_simple_prompt", "arguments": []})), "/arguments"),
        (modern("s", "tools/list", json!({"cursor": 5})), "/cursor"),
        (modern("s", "subscriptions/listen", json!({})), "/notifications"),
        (modern("s", "subscriptions/listen", json!({"notifications": []})), "/notifications"),
        (modern("s", "completion/complete", json!({"ref": {"type": "ref/other"}})), "/ref"),
    ];
    for (message, pointer) in table {
        let reply = ask(&server, &message);
        assert_eq!(reply.json()["error"]["code"], -32602, "{message}: {}", reply.body);
        let text = reply.json()["error"]["message"].as_str().unwrap().to_owned();
        assert!(text.contains(pointer), "{pointer}: {text}");
        assert_eq!(reply.json()["id"], "s", "A27");
    }
}

/// BP8, BP9: every method of every era, as a request and as a notification, has its answer, of a known code.
#[test]
fn every_method_has_an_answer() {
    let methods = "server/discover initialize notifications/initialized ping tools/list tools/call prompts/list \
        prompts/get resources/list resources/templates/list resources/read resources/subscribe resources/unsubscribe \
        subscriptions/listen completion/complete logging/setLevel notifications/cancelled notifications/progress \
        notifications/roots/list_changed tasks/get tasks/update tasks/cancel tasks/list elicitation/create \
        sampling/createMessage roots/list notifications/message notifications/tools/list_changed foo/bar";
    let server = server();
    let mut connection = server.connect();
    for method in methods.split_whitespace() {
        for message in [modern("b", method, json!({})), json!({"jsonrpc": "2.0", "id": "b", "method": method})] {
            let reply = connection.ask(&message, &[]);
            let answer = reply.json();
            assert_eq!(answer["id"], "b", "{message}: {}", reply.body);
            let code = answer["error"]["code"].as_i64();
            assert_eq!(code.is_none(), answer["result"].is_object(), "BP7, {message}: {}", reply.body);
            let known = [-32600, -32601, -32602, -32603, -32020, -32021, -32022];
            assert!(code.is_none_or(|code| known.contains(&code)), "BP9, {message}: {}", reply.body);
            let mut notification = message;
            notification.as_object_mut().unwrap().remove("id");
            assert_eq!(connection.ask(&notification, &[]).status, 202, "{notification}");
        }
    }
}
