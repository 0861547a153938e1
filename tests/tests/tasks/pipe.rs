//! Tasks over stdio, where the client has an identity and so a list.

use mcp_server_tests::{Pipe, initialize, legacy, notification};
use serde_json::{Value, json};

use super::{PROGRAM, able};

/// I31: both eras see one task, each in its own form.
#[test]
fn one_task_has_two_forms() {
    let mut pipe = Pipe::start(PROGRAM, &[]);
    let opened = pipe.ask(&initialize("2025-11-25"));
    assert_eq!(opened["result"]["capabilities"]["tasks"]["list"], json!({}));
    pipe.send(&notification("notifications/initialized", json!({})));
    let params = json!({ "name": "slow_compute", "arguments": { "seconds": 60, "label": "x" }, "task": {} });
    let created = pipe.ask(&legacy(1, "tools/call", params));
    let id = created["result"]["task"]["taskId"].clone();
    let listed = pipe.ask(&legacy(2, "tasks/list", json!({})))["result"]["tasks"].take();
    assert_eq!(listed.as_array().unwrap().iter().map(|task| &task["taskId"]).collect::<Vec<_>>(), [&id], "I27");

    let mut ask = |method: &str| -> Value { pipe.ask(&able(method, json!({ "taskId": id })))["result"].take() };
    let shown = ask("tasks/get");
    assert_eq!((&shown["status"], shown["ttlMs"].is_u64()), (&json!("working"), true));
    assert_eq!(ask("tasks/cancel")["resultType"], "complete");
    assert_eq!(ask("tasks/get")["status"], "cancelled");
}

/// A client that goes away is not waited for: nobody else can ask for what is in this process' memory.
#[test]
fn a_closed_pipe_ends_its_tasks() {
    let mut pipe = Pipe::start(PROGRAM, &[]);
    let params = json!({ "name": "slow_compute", "arguments": { "seconds": 3600, "label": "x" } });
    assert_eq!(pipe.ask(&able("tools/call", params))["result"]["resultType"], "task");
    let (_, ended) = pipe.finish();
    assert!(ended.success());
}
