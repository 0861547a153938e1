//! The tasks extension over HTTP.

use mcp_server_tests::modern as request;
use serde_json::{Value, json};

use super::{able, accept, ask, call, get, result, server, start, until, update};

/// I01, I15: the extension is declared, and nothing of the older form.
#[test]
fn the_extension_is_declared() {
    let server = server();
    let capabilities = result(&server, "server/discover", json!({}))["capabilities"].clone();
    assert_eq!(capabilities["extensions"], json!({ "io.modelcontextprotocol/tasks": {} }));
    assert!(capabilities.get("tasks").is_none());
}

/// I02, I04, I05, I07, I21: a task is made, can be found at once, and ends with the result inside.
#[test]
fn a_call_becomes_a_task() {
    let server = server();
    let created = call(&server, "slow_compute", json!({ "seconds": 1, "label": "x" }));
    assert_eq!((&created["resultType"], &created["status"]), (&json!("task"), &json!("working")));
    let mut members: Vec<&str> = created.as_object().unwrap().keys().map(String::as_str).collect();
    members.sort_unstable();
    let flat = ["_meta", "createdAt", "lastUpdatedAt", "pollIntervalMs", "resultType", "status", "taskId", "ttlMs"];
    assert_eq!(members, flat);
    assert!(created["ttlMs"].as_u64().unwrap() > 0 && created["createdAt"].as_str().unwrap().ends_with('Z'));

    let id = created["taskId"].as_str().unwrap();
    let now = get(&server, id);
    assert_eq!(
        (&now["resultType"], &now["status"], &now["taskId"]),
        (&json!("complete"), &json!("working"), &json!(id))
    );
    let done = until(&server, id, "completed");
    assert_eq!(done["result"]["content"][0]["text"], "x was computed in 1 s.");
    assert_eq!(done["result"]["resultType"], "complete");
    assert!(
        done["result"].get("_meta").is_none() && done.get("error").is_none() && done.get("inputRequests").is_none()
    );
}

/// I02, I03: without the extension a call runs as any other, or cannot.
#[test]
fn a_client_without_the_extension_gets_no_task() {
    let server = server();
    let plain = |tool: &str, arguments: Value| {
        let message = request(1, "tools/call", json!({ "name": tool, "arguments": arguments, "task": { "ttl": 1 } }));
        server.connect().ask(&message, &[])
    };
    let inline = plain("slow_compute", json!({ "seconds": 0, "label": "x" }));
    assert_eq!(inline.json()["result"]["content"][0]["text"], "x was computed in 0 s.");
    let refused = plain("failing_job", json!({}));
    assert_eq!((refused.status, &refused.json()["error"]["code"]), (400, &json!(-32021)));
    let required = json!({ "extensions": { "io.modelcontextprotocol/tasks": {} } });
    assert_eq!(refused.json()["error"]["data"]["requiredCapabilities"], required);
}

/// I14: nor can it ask for one, or listen to it.
#[test]
fn the_methods_need_the_extension() {
    let server = server();
    let id = start(&server, "slow_compute", json!({ "seconds": 60, "label": "x" }));
    let requests = [
        ("tasks/get", json!({ "taskId": id })),
        ("tasks/update", json!({ "taskId": id, "inputResponses": {} })),
        ("tasks/cancel", json!({ "taskId": id })),
        ("subscriptions/listen", json!({ "notifications": { "taskIds": [id] } })),
    ];
    for (method, params) in requests {
        let reply = server.connect().ask(&request(1, method, params), &[]);
        assert_eq!((reply.status, &reply.json()["error"]["code"]), (400, &json!(-32021)), "{method}");
    }
    assert_eq!(get(&server, &id)["status"], "working", "nothing was cancelled");
}

/// I15: what the older form had is not there.
#[test]
fn the_older_methods_are_unknown() {
    let server = server();
    for method in ["tasks/result", "tasks/list"] {
        let reply = ask(&server, method, json!({ "taskId": "x" }));
        assert_eq!((reply.status, &reply.json()["error"]["code"]), (404, &json!(-32601)), "{method}");
    }
}

/// I08: a tool error is a result; a protocol error alone is a failure, and says why.
#[test]
fn errors_end_where_they_belong() {
    let server = server();
    let done = until(&server, &start(&server, "failing_job", json!({})), "completed");
    assert_eq!(done["result"]["isError"], true);
    let failed = until(&server, &start(&server, "protocol_error_job", json!({})), "failed");
    assert_eq!(failed["error"]["code"], -32021);
    assert!(failed.get("result").is_none() && failed["statusMessage"].is_string());
}

/// I07, I09: two questions at once, answered one by one, with something unknown among the answers.
#[test]
fn a_task_asks_in_the_middle() {
    let server = server();
    let id = start(&server, "multi_input", json!({}));
    let asked = until(&server, &id, "input_required");
    assert_eq!(asked["inputRequests"].as_object().unwrap().len(), 2, "{asked}");
    assert!(asked.get("requestState").is_none(), "I15");
    let one = json!({ "first": accept(json!({ "name": "Ann", "confirm": true })), "unknown": accept(json!({})) });
    let acknowledged = update(&server, &id, one.clone());
    assert_eq!(acknowledged.as_object().unwrap().keys().collect::<Vec<_>>(), ["resultType", "_meta"]);
    let still = get(&server, &id);
    assert_eq!(still["status"], "input_required");
    assert_eq!(still["inputRequests"].as_object().unwrap().keys().collect::<Vec<_>>(), ["second"]);
    update(&server, &id, one);
    update(&server, &id, json!({ "second": accept(json!({ "name": "Bob", "confirm": false })) }));
    let done = until(&server, &id, "completed");
    let text = "Ann and Bob have answered; both agree: false";
    assert_eq!(done["result"]["content"][0]["text"], text);
}

/// I10: an answer that does not fit is asked for anew, under another key.
#[test]
fn an_answer_that_does_not_fit_is_asked_anew() {
    let server = server();
    let id = start(&server, "confirm_delete", json!({ "filename": "a.txt" }));
    until(&server, &id, "input_required");
    update(&server, &id, json!({ "confirm": accept(json!({ "confirm": "perhaps" })) }));
    super::listen(&server, &id).read_until("confirm-2");
    update(&server, &id, json!({ "confirm-2": { "action": "decline" } }));
    let done = until(&server, &id, "completed");
    assert_eq!(done["result"]["_meta"]["rs.mcp-server/error"]["kind"], "cancelled");
    let wrong = ask(&server, "tasks/update", json!({ "taskId": id, "inputResponses": { "confirm": 7 } }));
    assert_eq!(wrong.json()["error"]["code"], -32602);
}

/// H34: what is asked before there is a task is asked in rounds; then there is one, which knows the answer.
#[test]
fn questions_before_a_task_come_first() {
    let server = server();
    let first = call(&server, "test_tool_with_task", json!({}));
    assert_eq!(first["resultType"], "input_required");
    assert!(first.get("taskId").is_none());
    let retry = json!({
        "name": "test_tool_with_task",
        "arguments": {},
        "requestState": first["requestState"],
        "inputResponses": { "user_name": accept(json!({ "name": "Alice" })) },
    });
    let created = result(&server, "tools/call", retry);
    assert_eq!(created["resultType"], "task");
    assert!(created.get("requestState").is_none() && created.get("inputRequests").is_none());
    let done = until(&server, created["taskId"].as_str().unwrap(), "completed");
    assert_eq!(done["result"]["content"][0]["text"], "Hello, Alice, from the task!");
}

/// I11, I13: cancelling is acknowledged, again too, and an unknown task is an error everywhere.
#[test]
fn a_task_is_cancelled() {
    let server = server();
    let id = start(&server, "slow_compute", json!({ "seconds": 60, "label": "x" }));
    for _ in 0..2 {
        let acknowledged = result(&server, "tasks/cancel", json!({ "taskId": id }));
        assert_eq!(acknowledged.as_object().unwrap().keys().collect::<Vec<_>>(), ["resultType", "_meta"]);
    }
    assert_eq!(get(&server, &id)["status"], "cancelled");
    for method in ["tasks/get", "tasks/update", "tasks/cancel"] {
        let unknown = ask(&server, method, json!({ "taskId": "no-such-task", "inputResponses": {} }));
        assert_eq!((unknown.status, &unknown.json()["error"]["code"]), (200, &json!(-32602)), "{method}");
    }
}

/// C22, I17: the task's id is repeated in `Mcp-Name`.
#[test]
fn the_header_names_the_task() {
    let server = server();
    let id = start(&server, "slow_compute", json!({ "seconds": 60, "label": "x" }));
    for method in ["tasks/get", "tasks/update", "tasks/cancel"] {
        let message = able(method, json!({ "taskId": id, "inputResponses": {} }));
        let reply = server.connect().ask(&message, &[("Mcp-Name", "another")]);
        assert_eq!((reply.status, &reply.json()["error"]["code"]), (400, &json!(-32020)), "{method}");
    }
}

/// A principal may keep so many, and is told so in words that a program can act on.
#[test]
fn tasks_are_bounded() {
    let server = super::Server::start(super::PROGRAM, &["task.max_per_principal=2"]);
    for _ in 0..2 {
        start(&server, "slow_compute", json!({ "seconds": 60, "label": "x" }));
    }
    let arguments = json!({ "seconds": 60, "label": "x" });
    let full = ask(&server, "tools/call", json!({ "name": "slow_compute", "arguments": arguments }));
    assert_eq!((full.status, &full.json()["error"]["data"]["retryable"]), (503, &json!(true)), "{}", full.body);
}
