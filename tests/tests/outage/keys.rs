//! Sealing keys that all replicas share: agreed through the store, or told apart by readiness.

use bytes::Bytes;
use mcp_server_core::store::{self, Store};
use mcp_server_tests::{Server, modern};
use serde_json::{Value, json};

use super::replica;
use super::service::Service;

const TOOL: &str = "test_input_required_result_elicitation";

fn round(server: &Server, more: &Value) -> Value {
    let mut params = json!({ "name": TOOL, "arguments": {} });
    params.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    params["_meta"] = json!({ "io.modelcontextprotocol/clientCapabilities": { "elicitation": {} } });
    let reply = server.connect().ask(&modern(1, "tools/call", params), &[]);
    assert_eq!(reply.status, 200, "{}", reply.body);
    reply.json()
}

/// State that a server seals for its client.
fn sealed(server: &Server) -> String {
    let asked = round(server, &json!({}));
    asked["result"]["requestState"].as_str().unwrap_or_else(|| panic!("{asked}")).to_owned()
}

fn opens(server: &Server, state: &str) -> bool {
    let answers = json!({ "user_name": { "action": "accept", "content": { "name": "Ada" } } });
    let answered = round(server, &json!({ "inputResponses": answers, "requestState": state }));
    answered["result"]["content"].is_array() && answered["result"]["isError"] != json!(true)
}

/// The part of a sealed text that names its key.
fn key_of(state: &str) -> String {
    state.chars().take(6).collect()
}

/// Makes every key in the store older, and tells the replicas to look.
async fn age(store: &Store, days: u64) -> Result<(), store::StoreError> {
    let record = store.get("seal/keys").await?.expect("the replicas have agreed on keys");
    let mut record: Value = serde_json::from_slice(&record.value).expect("JSON");
    for key in record["keys"].as_array_mut().expect("a list") {
        key["made"] = json!(key["made"].as_u64().expect("a time") - days * 86_400_000);
    }
    store.set("seal/keys", Bytes::from(record.to_string()), None).await?;
    store.publish("seal", "").await
}

fn wait_for(what: &str, mut until: impl FnMut() -> bool) {
    let began = std::time::Instant::now();
    while !until() {
        assert!(began.elapsed() < std::time::Duration::from_secs(30), "{what}");
        std::thread::sleep(std::time::Duration::from_millis(20));
    }
}

#[test]
fn what_one_replica_seals_the_other_opens_before_and_after_a_rotation() {
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    Service::each(|service| {
        let (one, two) = (replica(&service.url(), &[]), replica(&service.url(), &[]));
        let old = sealed(&one);
        assert!(opens(&two, &old), "both read the same key");
        let store = runtime.block_on(store::open(&service.url())).expect("it opens");
        let keys = || {
            let record = runtime.block_on(store.get("seal/keys")).expect("the store answers").expect("a record");
            serde_json::from_slice::<Value>(&record.value).expect("JSON")["keys"].as_array().expect("a list").len()
        };
        // The key comes of age: one of the replicas makes another, which only opens at first.
        runtime.block_on(age(&store, 31)).expect("it can be written");
        wait_for("nobody makes a new key", || keys() == 2);
        assert_eq!(key_of(&sealed(&one)), key_of(&old), "the old key seals until every replica has the new one");
        one.becomes("ready");
        two.becomes("ready");
        // Later every replica must have read it: it seals.
        runtime.block_on(age(&store, 1)).expect("it can be written");
        for (sealing, opening) in [(&one, &two), (&two, &one)] {
            wait_for("the new key does not seal", || key_of(&sealed(sealing)) != key_of(&old));
            let new = sealed(sealing);
            wait_for("the new key does not open", || opens(opening, &new));
            assert!(opens(opening, &old), "what the old key has sealed still opens");
        }
        one.becomes("ready");
        two.becomes("ready");
    });
}

fn configured(ids: &[&str]) -> String {
    let keys: Vec<String> = ids.iter().map(|id| format!("{{ id = \"{id}\", secret = \"{id:*<40}\" }}")).collect();
    format!("seal.keys=[{}]", keys.join(", "))
}

#[test]
fn replicas_with_different_keys_are_not_ready_and_say_which() {
    Service::each(|service| {
        let one = replica(&service.url(), &[&configured(&["old"])]);
        one.becomes("ready");
        let two = replica(&service.url(), &[&configured(&["new"])]);
        assert_eq!(two.readiness(), (503, "keys".to_owned()), "it is never ready");
        one.becomes("keys");
        let line = one.logged("not ready");
        assert!(line.contains("old:") && line.contains("new:") && line.contains("seal.keys"), "{line}");
        assert!(!line.contains("****"), "no secret is logged: {line}");
        drop(two);
        one.becomes("ready");
        // Rotation in steps, each of which agrees with the one before.
        let both = replica(&service.url(), &[&configured(&["old", "new"])]);
        both.becomes("ready");
        let moved = replica(&service.url(), &[&configured(&["new", "old"])]);
        one.becomes("keys");
        drop(one);
        moved.becomes("ready");
        both.becomes("ready");
        assert!(opens(&both, &sealed(&moved)) && opens(&moved, &sealed(&both)));
    });
}
