//! The envelope of a request: members that are `null`, and members of the wrong type.

use mcp_server_tests::{initialize, legacy, modern};
use serde_json::{Value, json};

use super::{ask, error, server};

#[test]
fn null_is_absence_in_the_whole_envelope() {
    let server = server();
    for (method, params) in [
        ("tools/list", json!({"cursor": null})),
        ("prompts/list", json!({"cursor": null, "context": null})),
        ("tools/call", json!({"name": "test_simple_text", "arguments": null, "task": null})),
        ("tools/call", json!({"name": "test_simple_text", "inputResponses": null, "requestState": null})),
        ("resources/read", json!({"uri": "test://static-text", "inputResponses": null})),
    ] {
        let mut message = modern(1, method, params);
        message["params"]["_meta"]["progressToken"] = Value::Null;
        message["params"]["_meta"]["traceparent"] = Value::Null;
        let reply = ask(&server, &message);
        assert!(reply.json()["result"].is_object(), "{message}: {}", reply.body);
    }
    let mut opening = initialize("2025-11-25");
    opening["params"]["capabilities"] = json!({"sampling": null, "elicitation": {"form": null}, "extensions": null});
    opening["params"]["_meta"] = Value::Null;
    let reply = server.connect().ask(&opening, &[]);
    assert_eq!(reply.status, 200, "{}", reply.body);
    let session = reply.headers["mcp-session-id"].clone();
    for method in ["tools/list", "ping"] {
        let mut message = legacy(2, method, json!({}));
        message["params"] = Value::Null;
        let reply = server.connect().ask(&message, &[("Mcp-Session-Id", &session)]);
        assert!(reply.json()["result"].is_object(), "{method}: {}", reply.body);
    }
}

#[test]
fn a_capability_of_the_wrong_type_is_named() {
    let server = server();
    for (capabilities, pointer) in [
        (json!({"sampling": false}), "/sampling"),
        (json!({"roots": []}), "/roots"),
        (json!({"elicitation": {"url": "yes"}}), "/elicitation/url"),
        (json!({"extensions": {"io.modelcontextprotocol/tasks": 1}}), "/extensions/io.modelcontextprotocol~1tasks"),
    ] {
        let params = json!({"_meta": {"io.modelcontextprotocol/clientCapabilities": capabilities}});
        let error = error(&server, "tools/list", params);
        assert_eq!(error["code"], -32602);
        let message = error["message"].as_str().unwrap();
        assert!(message.contains(&format!("`{pointer}`")) && message.contains("object"), "{message}");
    }
}

#[test]
fn a_progress_token_is_a_string_or_an_integer() {
    let server = server();
    let list = |token: Value| modern(1, "tools/list", json!({"_meta": {"progressToken": token}}));
    for token in [json!({}), json!([]), json!(true), json!(1.5), json!(1e300)] {
        let reply = ask(&server, &list(token.clone()));
        assert_eq!((reply.status, &reply.json()["error"]["code"]), (400, &json!(-32602)), "{token}");
        assert!(reply.body.contains("progressToken"), "{}", reply.body);
    }
    for token in [json!(""), json!("a\"b"), json!(0), json!(-7), json!(u64::MAX)] {
        assert_eq!(ask(&server, &list(token.clone())).status, 200, "{token}");
    }
}

#[test]
fn a_resource_that_is_not_there_cannot_be_subscribed_to() {
    let server = server();
    let session = server.connect().ask(&initialize("2025-06-18"), &[]).headers["mcp-session-id"].clone();
    let subscribe = |uri: &str| {
        let message = legacy(1, "resources/subscribe", json!({ "uri": uri }));
        server.connect().ask(&message, &[("Mcp-Session-Id", &session)]).json()
    };
    for uri in ["test://nowhere", "test://template/a/b/data", "nonsense"] {
        let refused = subscribe(uri);
        assert_eq!((&refused["error"]["code"], &refused["error"]["data"]["uri"]), (&json!(-32002), &json!(uri)));
        let wanted = json!({"notifications": {"resourceSubscriptions": ["test://watched-resource", uri]}});
        let refused = error(&server, "subscriptions/listen", wanted);
        assert_eq!((&refused["code"], &refused["data"]["uri"]), (&json!(-32602), &json!(uri)));
    }
    for uri in ["test://watched-resource", "test://template/7/data"] {
        assert_eq!(subscribe(uri)["result"], json!({}), "{uri}");
    }
}
