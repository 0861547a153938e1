//! Arguments that a header repeats (C29 to C41).

use mcp_server_tests::call;
use serde_json::{Value, json};

use super::{ask_with, refusal, result, send, server, standard};

const HEADER: &str = "Mcp-Param-Value";

/// C29: the published schema names the header.
#[test]
fn the_schema_names_the_header() {
    let tools = result(&server(), "tools/list", json!({}))["tools"].clone();
    let tool = tools.as_array().unwrap().iter().find(|tool| tool["name"] == "test_custom_header").unwrap();
    assert_eq!(tool["inputSchema"]["properties"]["value"]["x-mcp-header"], "Value");
}

#[test]
fn a_mirrored_argument_must_be_repeated() {
    let server = server();
    let mut connection = server.connect();
    let table: Vec<(&str, Value, Option<&str>, bool)> = vec![
        ("C34 the same", json!({"value": "eu-west1"}), Some("eu-west1"), true),
        ("C34 missing", json!({"value": "eu-west1"}), None, false),
        ("C34 different", json!({"value": "eu-west1"}), Some("us-east1"), false),
        ("C34 other case", json!({"value": "eu-west1"}), Some("EU-WEST1"), false),
        ("C34 illegal characters", json!({"value": "ü"}), Some("ü"), false),
        ("C34 not decodable", json!({"value": "a"}), Some("=?base64?%%%?="), false),
        ("C35 absent", json!({}), None, true),
        ("C35 null", json!({"value": null}), None, true),
        ("C35 a header alone", json!({}), Some("eu-west1"), false),
        ("C35 a header beside null", json!({"value": null}), Some("null"), false),
        ("C36 empty", json!({"value": ""}), Some(""), true),
        ("C36 empty and missing", json!({"value": ""}), None, false),
        ("C38 encoded without need", json!({"value": "a"}), Some("=?base64?YQ==?="), true),
        ("C38 marker in capitals", json!({"value": "a"}), Some("=?BASE64?YQ==?="), false),
        ("C38 a marker in capitals is text", json!({"value": "=?BASE64?YQ==?="}), Some("=?BASE64?YQ==?="), true),
        ("C38 no end", json!({"value": "=?base64?YQ=="}), Some("=?base64?YQ=="), true),
        ("C39 padded and plain", json!({"value": " padded "}), Some(" padded "), false),
        ("C40 no padding", json!({"value": "a"}), Some("=?base64?YQ?="), false),
        ("C40 no UTF-8", json!({"value": "a"}), Some("=?base64?/w==?="), false),
        ("C41 unicode", json!({"value": "Hello, 世界"}), Some("=?base64?SGVsbG8sIOS4lueVjA==?="), true),
        ("C41 padded", json!({"value": " padded "}), Some("=?base64?IHBhZGRlZCA=?="), true),
        ("C41 two lines", json!({"value": "line1\nline2"}), Some("=?base64?bGluZTEKbGluZTI=?="), true),
        ("C41 a marker", json!({"value": "=?base64?literal?="}), Some("=?base64?PT9iYXNlNjQ/bGl0ZXJhbD89?="), true),
        ("C41 a marker as it is", json!({"value": "=?base64?literal?="}), Some("=?base64?literal?="), false),
    ];
    for (id, arguments, header, passes) in table {
        let reply = ask_with(&mut connection, &call("m", "test_custom_header", arguments.clone()), &[(HEADER, header)]);
        if !passes {
            assert_eq!(refusal(&reply), (400, Some(-32020)), "{id}: {}", reply.body);
            assert_eq!(reply.json()["id"], "m", "A27, {id}");
            continue;
        }
        assert_eq!(refusal(&reply), (200, None), "{id}: {}", reply.body);
        // What passes is then held against the schema, where `value` is required.
        let given = arguments["value"].as_str();
        assert_eq!(reply.json()["result"].get("isError").is_some(), given.is_none(), "{id}: {}", reply.body);
        if let Some(given) = given {
            assert_eq!(reply.json()["result"]["content"][0]["text"], format!("The value is {given:?}."), "{id}");
        }
    }
}

/// C25 for mirrored arguments: two lines that differ are refused in either order.
#[test]
fn a_mirrored_argument_may_not_be_repeated_twice() {
    let server = server();
    let message = call(1, "test_custom_header", json!({"value": "a"}));
    for values in [["a", "b"], ["b", "a"]] {
        let mut headers = standard(&message);
        headers.extend(values.map(|value| (HEADER.to_owned(), value.to_owned())));
        assert_eq!(refusal(&send(&mut server.connect(), &message, &headers)), (400, Some(-32020)), "{values:?}");
    }
}

/// C37: a header that repeats nothing of this tool is nobody's business.
#[test]
fn an_unknown_mirror_is_passed_over() {
    let server = server();
    let reply =
        ask_with(&mut server.connect(), &call(1, "test_simple_text", json!({})), &[("Mcp-Param-Else", Some("x"))]);
    assert_eq!(refusal(&reply), (200, None));
}
