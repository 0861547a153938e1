//! Tasks of revision 2025-11-25 over HTTP.

use mcp_server_tests::{Connection, Server, initialize, legacy};
use serde_json::{Value, json};

use super::server;

/// A session of 2025-11-25.
struct Session<'a> {
    server: &'a Server,
    id: String,
}

impl<'a> Session<'a> {
    fn open(server: &'a Server) -> (Self, Value) {
        let opened = server.connect().ask(&initialize("2025-11-25"), &[]);
        let id = opened.headers["mcp-session-id"].clone();
        (Self { server, id }, opened.json()["result"]["capabilities"].clone())
    }

    fn post(&self, message: &Value) -> Connection {
        let mut connection = self.server.connect();
        connection.post(message, &[("Mcp-Session-Id", &self.id)]);
        connection
    }

    fn ask(&self, method: &str, params: Value) -> Value {
        self.post(&legacy(1, method, params)).reply().json()
    }

    fn start(&self, tool: &str, arguments: Value) -> Value {
        let params = json!({ "name": tool, "arguments": arguments, "task": { "ttl": 60_000 } });
        let created = self.ask("tools/call", params)["result"].take();
        assert!(created.get("resultType").is_none(), "{created}");
        created["task"].clone()
    }
}

/// I23, I29: declared where there are tasks, and listed only for those who have an identity.
#[test]
fn tasks_are_declared() {
    let server = server();
    let (session, capabilities) = Session::open(&server);
    assert_eq!(capabilities["tasks"], json!({ "cancel": {}, "requests": { "tools": { "call": {} } } }));
    assert!(capabilities.get("extensions").is_none());
    let tools = session.ask("tools/list", json!({}))["result"]["tools"].take();
    let support = |name: &str| {
        let tool = tools.as_array().unwrap().iter().find(|tool| tool["name"] == name).unwrap();
        tool["execution"]["taskSupport"].as_str().map(str::to_owned)
    };
    assert_eq!(support("slow_compute").as_deref(), Some("optional"));
    assert_eq!(support("failing_job").as_deref(), Some("required"));
    assert_eq!(support("greet"), None);
    assert_eq!(session.ask("tasks/list", json!({}))["error"]["code"], -32601);
}

/// I24, I26: nested, with the older names, and its result under a method of its own.
#[test]
fn a_task_is_made_because_the_client_wants_one() {
    let server = server();
    let (session, _) = Session::open(&server);
    let task = session.start("slow_compute", json!({ "seconds": 1, "label": "x" }));
    assert_eq!((&task["status"], &task["ttl"]), (&json!("working"), &json!(60_000)));
    assert!(task["pollInterval"].is_u64() && task.get("ttlMs").is_none());
    let id = task["taskId"].as_str().unwrap();
    let result = session.ask("tasks/result", json!({ "taskId": id }))["result"].take();
    assert_eq!(result["content"][0]["text"], "x was computed in 1 s.");
    assert_eq!(result["_meta"], json!({ "io.modelcontextprotocol/related-task": { "taskId": id } }));
    let shown = session.ask("tasks/get", json!({ "taskId": id }))["result"].take();
    assert_eq!((&shown["status"], &shown["taskId"]), (&json!("completed"), &json!(id)));
    assert!(shown.get("result").is_none() && shown.get("_meta").is_none(), "I28");
    let over = session.ask("tasks/cancel", json!({ "taskId": id }));
    assert_eq!(over["error"]["code"], -32602, "I27");
}

/// I25: what fits together, and what does not.
#[test]
fn the_tool_and_the_call_agree() {
    let server = server();
    let (session, _) = Session::open(&server);
    let call = |params: Value| session.ask("tools/call", params);
    assert_eq!(call(json!({ "name": "failing_job" }))["error"]["code"], -32601);
    let forbidden = json!({ "name": "greet", "arguments": { "name": "Ann" }, "task": {} });
    assert_eq!(call(forbidden)["error"]["code"], -32601);
    let inline = json!({ "name": "slow_compute", "arguments": { "seconds": 0, "label": "x" } });
    assert_eq!(call(inline)["result"]["content"][0]["text"], "x was computed in 0 s.");
    let older = server.connect().ask(&initialize("2025-06-18"), &[]);
    assert!(older.json()["result"]["capabilities"].get("tasks").is_none());
    let params = json!({ "name": "greet", "arguments": { "name": "Ann" }, "task": {} });
    let ignored =
        server.connect().ask(&legacy(1, "tools/call", params), &[("Mcp-Session-Id", &older.headers["mcp-session-id"])]);
    assert_eq!(ignored.json()["result"]["content"][0]["text"], "Hello, Ann!");
}

/// I27, I28: cancelled means cancelled, and a tool error is a failure here.
#[test]
fn ends_have_the_older_names() {
    let server = server();
    let (session, _) = Session::open(&server);
    let task = session.start("slow_compute", json!({ "seconds": 60, "label": "x" }));
    let cancelled = session.ask("tasks/cancel", json!({ "taskId": task["taskId"] }))["result"].take();
    assert_eq!((&cancelled["status"], &cancelled["taskId"]), (&json!("cancelled"), &task["taskId"]));
    assert!(session.ask("tasks/result", json!({ "taskId": task["taskId"] }))["error"].is_object());

    let task = session.start("failing_job", json!({}));
    assert_eq!(session.ask("tasks/result", json!({ "taskId": task["taskId"] }))["result"]["isError"], true);
    assert_eq!(session.ask("tasks/get", json!({ "taskId": task["taskId"] }))["result"]["status"], "failed");
    assert_eq!(session.ask("tasks/get", json!({ "taskId": "no-such-task" }))["error"]["code"], -32602, "I13");
}

/// I26: while the result is waited for, the task's questions come on that very stream.
#[test]
fn a_waiting_client_is_asked() {
    let server = server();
    let (session, _) = Session::open(&server);
    let task = session.start("confirm_delete", json!({ "filename": "a.txt" }));
    let mut waiting = session.post(&legacy("w", "tasks/result", json!({ "taskId": task["taskId"] })));
    assert_eq!(waiting.head().status, 200);
    let asked = waiting.read_until("elicitation/create");
    let question = asked.lines().find_map(|line| line.strip_prefix("data: {")).unwrap();
    let question: Value = serde_json::from_str(&format!("{{{question}")).unwrap();
    let related = &question["params"]["_meta"]["io.modelcontextprotocol/related-task"];
    assert_eq!(related["taskId"], task["taskId"]);
    let shown = session.ask("tasks/get", json!({ "taskId": task["taskId"] }));
    assert_eq!(shown["result"]["status"], "input_required");

    let result = json!({ "action": "accept", "content": { "confirm": true } });
    let answer = json!({ "jsonrpc": "2.0", "id": question["id"], "result": result });
    assert_eq!(session.post(&answer).reply().status, 202);
    let done = waiting.read_until(r#""id":"w""#);
    assert!(done.contains("a.txt is deleted") && done.contains("related-task"), "{done}");
}
