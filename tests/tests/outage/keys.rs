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

/// What is said of keys with which no server starts.
fn refused(service: &Service, keys: &str) -> String {
    let url = format!("store.url={}", service.url());
    let mut command = std::process::Command::new(super::PROGRAM);
    command.args(["--http", "127.0.0.1:0"]);
    for setting in [&url, keys, "store.timeout=500ms", "store.lease=1500ms"] {
        command.args(["--set", setting]);
    }
    let ended = command.stdin(std::process::Stdio::null()).output().expect("it starts and ends");
    let said = String::from_utf8_lossy(&ended.stderr).into_owned();
    assert_eq!(ended.status.code(), Some(78), "{said}");
    assert!(said.contains("seal.keys") && !said.contains("****"), "the keys are named, and no secret is: {said}");
    said
}

#[test]
fn a_replica_with_other_keys_does_not_start_and_those_that_agree_stay_ready() {
    Service::each(|service| {
        let old = configured(&["old"]);
        let replicas: Vec<Server> = (0..3).map(|_| replica(&service.url(), &[&old])).collect();
        let said = refused(service, &configured(&["new"]));
        assert!(said.contains("old:") && said.contains("new:"), "{said}");
        for replica in &replicas {
            replica.becomes("ready");
            assert!(!replica.log().iter().any(|line| line.contains("not ready")), "nobody was ever not ready");
        }
        // One against one: the one that serves goes on.
        let [one, ..] = &replicas[..] else { panic!("there are three") };
        let state = sealed(one);
        drop(replicas);
        let one = replica(&service.url(), &[&old]);
        refused(service, &configured(&["new"]));
        one.becomes("ready");
        assert!(opens(&one, &state));
    });
}

#[test]
fn keys_are_rotated_in_steps_and_a_step_that_comes_too_early_is_refused() {
    Service::each(|service| {
        let one = replica(&service.url(), &[&configured(&["old"])]);
        let both = replica(&service.url(), &[&configured(&["old", "new"])]);
        both.becomes("ready");
        refused(service, &configured(&["new", "old"]));
        one.becomes("ready");
        both.becomes("ready");
        // Every replica has the new key: it may seal.
        one.terminate();
        assert!(one.wait().success());
        let moved = replica(&service.url(), &[&configured(&["new", "old"])]);
        moved.becomes("ready");
        both.becomes("ready");
        assert!(opens(&both, &sealed(&moved)) && opens(&moved, &sealed(&both)));
        both.terminate();
        assert!(both.wait().success());
        let last = replica(&service.url(), &[&configured(&["new"])]);
        last.becomes("ready");
        moved.becomes("ready");
        assert!(opens(&last, &sealed(&moved)) && opens(&moved, &sealed(&last)));
    });
}

#[test]
fn keys_that_nobody_uses_any_more_hinder_no_start() {
    Service::each(|service| {
        // Killed, it holds its lease for a while.
        drop(replica(&service.url(), &[&configured(&["old"])]).kill());
        let new = replica(&service.url(), &[&configured(&["new"])]);
        new.becomes("ready");
    });
}
