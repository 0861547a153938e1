//! `notifications/tasks` on a subscription (I16).

use serde_json::{Value, json};

use super::{able, accept, get, listen, server, start, update};

fn notified(events: &str) -> Vec<Value> {
    let messages = events.lines().filter_map(|line| line.strip_prefix("data: "));
    let messages = messages.filter_map(|message| serde_json::from_str::<Value>(message).ok());
    messages.filter(|message| message["method"] == "notifications/tasks").collect()
}

/// I16, G28: the whole task, each time it changes, as `tasks/get` shows it.
#[test]
fn a_subscription_tells_of_its_tasks() {
    let server = server();
    let id = start(&server, "confirm_delete", json!({ "filename": "a.txt" }));
    let mut stream = listen(&server, &id);
    let begun = stream.read_until(r#""status":"input_required""#);
    let accepted = begun.lines().find(|line| line.contains("subscriptions/acknowledged")).unwrap();
    assert!(accepted.contains(&format!(r#""taskIds":["{id}"]"#)), "{accepted}");
    update(&server, &id, json!({ "confirm": accept(json!({ "confirm": true })) }));
    let events = stream.read_until(r#""status":"completed""#);
    let mut told = notified(&events).pop().unwrap()["params"].take();
    assert_eq!(told["_meta"]["io.modelcontextprotocol/subscriptionId"], 1);
    let mut shown = get(&server, &id);
    for task in [&mut told, &mut shown] {
        task.as_object_mut().unwrap().retain(|name, _| name != "_meta" && name != "resultType");
    }
    assert_eq!(told, shown);
}

/// A task that is not the caller's, or is none, is not taken on.
#[test]
fn unknown_tasks_are_not_taken_on() {
    let server = server();
    let mut connection = server.connect();
    let wanted = json!({ "notifications": { "taskIds": ["no-such-task"], "toolsListChanged": true } });
    connection.post(&able("subscriptions/listen", wanted), &[]);
    assert_eq!(connection.head().status, 200);
    let accepted = connection.read_until("acknowledged");
    assert!(accepted.contains("toolsListChanged") && !accepted.contains("taskIds"), "{accepted}");
}
