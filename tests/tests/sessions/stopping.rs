//! What becomes of legacy calls when a process is told to stop.

use mcp_server_tests::Server;
use serde_json::json;

use crate::client::{PROGRAM, all, get, ids, messages, open, start, tool};

fn store(name: &str) -> (std::path::PathBuf, String) {
    let folder = std::env::temp_dir().join(format!("sessions-{name}-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let url = format!("store.url=sqlite:{}", folder.join("state.db").display());
    (folder, url)
}

/// SL8, promise 2: a call that outlives the grace ends in an error that may be retried, on its stream and for whoever
/// comes back later.
#[test]
fn a_call_that_a_shutdown_cuts_ends_in_an_error() {
    let (folder, store) = store("stopping");
    let server = Server::start(PROGRAM, &[&store, "http.stream_after=10ms", "shutdown.grace=100ms"]);
    let session = open(&server, "2025-11-25");
    let mut stream = start(&server, &session, &tool(7, "slow", json!({ "ms": 60_000 })));
    let mut events = stream.read_until("data: \n");
    server.terminate();
    events.push_str(&all(&mut stream));
    let ends = messages(&events);
    assert_eq!((ends.len(), ends[0]["id"].clone()), (1, json!(7)), "{events}");
    assert_eq!(ends[0]["error"]["data"]["retryable"], true);
    assert!(server.wait().success());

    let server = Server::start(PROGRAM, &[&store]);
    let (mut resumed, head) = get(&server, &session, ids(&events).first().map(String::as_str));
    assert_eq!(head.status, 200);
    assert_eq!(messages(&all(&mut resumed)), ends, "the same end, and no other");
    drop(server);
    std::fs::remove_dir_all(folder).unwrap();
}

/// Promise 2: a call whose process was killed ends in `worker_lost` for whoever comes back to the next process.
#[test]
fn a_call_of_a_killed_process_is_not_silent() {
    let (folder, store) = store("killed");
    let server = Server::start(PROGRAM, &[&store, "http.stream_after=10ms"]);
    let session = open(&server, "2025-11-25");
    let mut stream = start(&server, &session, &tool(7, "slow", json!({ "ms": 60_000 })));
    let primed = ids(&stream.read_until("data: \n")).pop().expect("the first event has an id");
    drop(server);
    let server = Server::start(PROGRAM, &[&store]);
    let events = all(&mut get(&server, &session, Some(&primed)).0);
    let ends = messages(&events);
    assert_eq!(ends[0]["error"]["data"], json!({ "kind": "worker_lost", "retryable": true }));
    let end = ids(&events).pop().expect("the end can be resumed from");
    assert!(all(&mut get(&server, &session, Some(&end)).0).is_empty());
    drop(server);
    std::fs::remove_dir_all(folder).unwrap();
}
