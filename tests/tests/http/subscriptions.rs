//! `subscriptions/listen` over HTTP (G28 to G38).

use mcp_server_tests::{Connection, Server, call, modern};
use serde_json::{Value, json};

use super::{ask, refusal, server, with};

mod replicas;

const KEY: &str = "io.modelcontextprotocol/subscriptionId";

fn listen(id: impl Into<Value>, wanted: &Value) -> Value {
    modern(id, "subscriptions/listen", json!({"notifications": wanted}))
}

/// Opens a subscription and reads its acknowledgement.
fn open(server: &Server, id: impl Into<Value>, wanted: &Value) -> (Connection, Value) {
    let mut connection = server.connect();
    connection.post(&listen(id, wanted), &[]);
    let head = connection.head();
    assert_eq!((head.status, head.headers["content-type"].as_str()), (200, "text/event-stream"));
    assert_eq!(head.headers["x-accel-buffering"], "no", "C11");
    let acknowledged = event(&mut connection);
    (connection, acknowledged)
}

/// The next event of a stream; a hint that is repeated at once is one.
fn event(connection: &mut Connection) -> Value {
    loop {
        let piece = connection.piece().expect("the stream goes on");
        let mut events: Vec<_> = piece.lines().filter_map(|line| line.strip_prefix("data: ")).collect();
        events.dedup();
        if let Some(data) = events.first() {
            assert_eq!(events.len(), 1, "one at a time: {piece}");
            return serde_json::from_str(data).unwrap();
        }
    }
}

/// G29, G31: it is acknowledged first, with what was taken on, under the id of the request with its type.
#[test]
fn a_subscription_is_acknowledged_under_its_id() {
    let server = server();
    let wanted = json!({"toolsListChanged": true, "promptsListChanged": false, "resourceSubscriptions": ["test://watched-resource"]});
    for id in [json!(7), json!("7"), json!("ü")] {
        let (mut connection, acknowledged) = open(&server, id.clone(), &wanted);
        assert_eq!(acknowledged["method"], "notifications/subscriptions/acknowledged");
        assert_eq!(acknowledged["params"]["_meta"][KEY], id);
        let accepted = json!({"toolsListChanged": true, "resourceSubscriptions": ["test://watched-resource"]});
        assert_eq!(acknowledged["params"]["notifications"], accepted);
        ask(&server, &call(1, "touch_watched_resource", json!({})));
        let told = event(&mut connection);
        assert_eq!(told["method"], "notifications/resources/updated");
        assert_eq!(told["params"]["uri"], "test://watched-resource");
        assert_eq!(told["params"]["_meta"][KEY], id);
        assert!(told.get("id").is_none(), "A09: it is no request");
    }
}

/// G32, F29: only what was asked for is told.
#[test]
fn nothing_else_is_told() {
    let server = server();
    let (mut tools, _) = open(&server, 1, &json!({"toolsListChanged": true}));
    let (mut prompts, _) =
        open(&server, 2, &json!({"promptsListChanged": true, "resourceSubscriptions": ["test://static-text"]}));
    for tool in ["touch_watched_resource", "test_trigger_prompt_change", "test_logging_tool", "toggle_dynamic_tool"] {
        assert_eq!(ask(&server, &call(3, tool, json!({}))).status, 200);
    }
    assert_eq!(event(&mut tools)["method"], "notifications/tools/list_changed");
    assert_eq!(event(&mut prompts)["method"], "notifications/prompts/list_changed");
}

/// G33: each subscription is told under its own id.
#[test]
fn several_subscriptions_are_told_each() {
    let server = server();
    let mut open: Vec<Connection> = (0..5).map(|id| open(&server, id, &json!({"toolsListChanged": true})).0).collect();
    ask(&server, &call(9, "toggle_dynamic_tool", json!({})));
    for (id, connection) in open.iter_mut().enumerate() {
        assert_eq!(event(connection)["params"]["_meta"][KEY], id);
    }
    let list = ask(&server, &modern(9, "tools/list", json!({}))).json();
    assert!(list["result"]["tools"].as_array().unwrap().iter().any(|tool| tool["name"] == "test_dynamic_tool"));
}

/// C12: an idle subscription says that it is alive.
#[test]
fn an_idle_subscription_is_kept_alive() {
    let server = with(&["http.keep_alive=100ms"]);
    let (mut connection, _) = open(&server, 1, &json!({"toolsListChanged": true}));
    for _ in 0..3 {
        let piece = connection.piece().unwrap();
        assert!(piece.starts_with(':') && piece.ends_with('\n'), "{piece:?}");
    }
}

/// G37: subscriptions are capped for each principal; closing one makes room (G35).
#[test]
fn subscriptions_are_capped() {
    let server = with(&["limits.subscriptions_per_principal=2", "http.keep_alive=100ms"]);
    let wanted = json!({"toolsListChanged": true});
    let (first, _) = open(&server, 1, &wanted);
    let (_second, _) = open(&server, 2, &wanted);
    let third = || ask(&server, &listen(3, &wanted));
    let refused = third();
    assert_eq!(refusal(&refused), (503, Some(-31503)));
    assert!(refused.headers.contains_key("retry-after"));
    assert_eq!(refused.json()["id"], 3);
    drop(first);
    let reopened = (0..100).any(|_| {
        let mut connection = server.connect();
        connection.post(&listen(3, &wanted), &[]);
        connection.head().status == 200
    });
    assert!(reopened, "a subscription that was closed counts no more");
}

/// G37: so are the URIs of one.
#[test]
fn the_uris_of_a_subscription_are_capped() {
    let server = with(&["limits.uris_per_subscription=2"]);
    let uri = |at: usize| format!("test://template/{at}/data");
    let uris = |count: usize| json!({"resourceSubscriptions": (0..count).map(uri).collect::<Vec<_>>()});
    let refused = ask(&server, &listen(1, &uris(3)));
    assert_eq!(refused.json()["error"]["code"], -32602);
    let message = refused.json()["error"]["message"].as_str().unwrap().to_owned();
    assert!(message.contains("resourceSubscriptions` may name 2 URIs"), "{message}");
    open(&server, 2, &uris(2));
}

/// G34: when the server stops, a subscription ends with its result, and the process ends well.
#[test]
fn a_subscription_is_ended_with_a_result() {
    let server = server();
    let (mut connection, _) = open(&server, "last", &json!({"toolsListChanged": true}));
    server.terminate();
    let ended = event(&mut connection);
    assert_eq!((&ended["id"], &ended["result"]["resultType"]), (&json!("last"), &json!("complete")));
    assert_eq!(ended["result"]["_meta"][KEY], "last");
    assert!(connection.piece().is_none(), "the stream is closed in order");
    assert!(server.wait().success());
}

/// TR14: listeners that go away without a word leave nothing behind.
#[test]
fn listeners_that_vanish_leave_nothing_behind() {
    let server = with(&["limits.subscriptions_per_principal=100"]);
    for _ in 0..3 {
        // Room is made as the server notices; a hundred are opened again and again.
        let mut opened = Vec::new();
        while opened.len() < 60 {
            let mut connection = server.connect();
            connection.post(&listen(1, &json!({"toolsListChanged": true})), &[]);
            if connection.head().status == 200 {
                opened.push(connection);
            }
        }
    }
    assert_eq!(ask(&server, &call(1, "toggle_dynamic_tool", json!({}))).status, 200);
    assert!(!server.log().iter().any(|line| line.contains("\"ERROR\"")));
}
