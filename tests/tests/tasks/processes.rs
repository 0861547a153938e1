//! Tasks on several processes that share a real store: whichever is asked, and whichever dies.

use mcp_server_tests::Server;
use mcp_server_tests::services::{Backing, Kind};
use serde_json::{Value, json};

use super::{PROGRAM, accept, get, listen, result, start, until, update};

fn replica(store: &Backing) -> Server {
    let url = format!("store.url={}", store.url());
    Server::start(PROGRAM, &[&url, "store.timeout=1s", "store.lease=3s"])
}

fn each(test: impl Fn(&Backing)) {
    for kind in [Kind::Postgres, Kind::Redis] {
        if let Some(store) = kind.start() {
            test(&store);
        }
    }
}

/// I05, I09, I11: made on one, seen on another, answered and cancelled on a third.
#[test]
fn any_replica_knows_every_task() {
    each(|store| {
        let [a, b, c] = [replica(store), replica(store), replica(store)];
        let id = start(&a, "confirm_delete", json!({ "filename": "a.txt" }));
        let mut stream = listen(&b, &id);
        stream.read_until(r#""status":"input_required""#);
        update(&c, &id, json!({ "confirm": accept(json!({ "confirm": true })) }));
        stream.read_until(r#""status":"completed""#);
        assert_eq!(get(&b, &id)["result"]["structuredContent"]["what"], "a.txt is deleted");

        let id = start(&a, "slow_compute", json!({ "seconds": 60, "label": "x" }));
        let mut stream = listen(&a, &id);
        result(&c, "tasks/cancel", json!({ "taskId": id }));
        stream.read_until(r#""status":"cancelled""#);
    });
}

/// A worker that dies: what may be repeated is done by another one, the rest ends and says why.
#[test]
fn a_task_outlives_its_worker() {
    each(|store| {
        let (dies, lives) = (replica(store), replica(store));
        let repeatable = start(&dies, "slow_compute", json!({ "seconds": 2, "label": "x" }));
        let other = start(&dies, "confirm_delete", json!({ "filename": "a.txt" }));
        drop(dies.kill());
        let lost = until(&lives, &other, "failed");
        let told = |task: &Value| (task["error"]["data"]["kind"].clone(), task["error"]["data"]["retryable"].clone());
        assert_eq!(told(&lost), (json!("worker_lost"), json!(true)), "{lost}");
        let done = until(&lives, &repeatable, "completed");
        assert_eq!(done["result"]["content"][0]["text"], "x was computed in 2 s.");
    });
}

/// A replica that is asked to stop hands its tasks over.
#[test]
fn a_task_outlives_a_deployment() {
    each(|store| {
        let lives = replica(store);
        let url = format!("store.url={}", store.url());
        let settings = [url.as_str(), "store.timeout=1s", "store.lease=3s", "shutdown.grace=100ms"];
        let stops = Server::start(PROGRAM, &settings);
        let id = start(&stops, "slow_compute", json!({ "seconds": 2, "label": "x" }));
        stops.terminate();
        assert!(stops.wait().success());
        assert_eq!(until(&lives, &id, "completed")["result"]["content"][0]["text"], "x was computed in 2 s.");
    });
}
