//! Three processes on one PostgreSQL: what one began, another goes on with.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by it")]

mod support;

use serde_json::json;
use support::{Tickets, able, database, deletes, event};

/// Three that start at once on a new database.
fn three(url: &str, flags: &[&str]) -> [Tickets; 3] {
    std::thread::scope(|scope| {
        [(); 3]
            .map(|()| scope.spawn(|| Tickets::start(url, url, flags)))
            .map(|starting| starting.join().expect("it starts"))
    })
}

#[test]
fn replicas_that_start_together_make_the_tables_and_the_sample_once() {
    let Some(url) = database() else { return };
    let replicas = three(&url, &["--sample"]);
    for replica in &replicas {
        assert_eq!(replica.data("search_tickets", json!({}))["total"], 12);
    }
    // One that comes later finds everything done.
    let later = Tickets::start(&url, &url, &["--sample"]);
    assert_eq!(later.data("search_tickets", json!({}))["total"], 12);
}

#[test]
fn a_search_opened_on_one_replica_is_read_on_another_and_closed_on_a_third() {
    let Some(url) = database() else { return };
    let [a, b, c] = three(&url, &["--sample"]);
    let opened = a.data("open_search", json!({ "status": "open" }))["value"].clone();
    assert!(a.kill().len() < 1000, "and the one that opened it is gone");
    let page = b.data("read_search", json!({ "search": opened["search"] }));
    assert_eq!((page["rows"].as_array().unwrap().len(), &page["total"]), (12, &json!(12)));
    c.data("close_search", json!({ "search": opened["search"] }));
    assert_eq!(b.refused("read_search", json!({ "search": opened["search"] })), "not_found");
}

#[test]
fn a_creation_repeated_on_another_replica_makes_one_ticket() {
    let Some(url) = database() else { return };
    let [a, b, c] = three(&url, &[]);
    let new = json!({ "title": "The answer got lost" });
    let calls = [&a, &b, &c].map(|replica| {
        let mut call = replica.connect();
        call.post(&able("tools/call", json!({ "name": "create_ticket", "arguments": new })), &[]);
        call
    });
    let receipts = calls.map(|mut call| call.reply().json()["result"]["structuredContent"].clone());
    assert_eq!(receipts[0]["status"], "confirmed", "{receipts:?}");
    assert!(receipts.iter().all(|receipt| receipt == &receipts[0]), "{receipts:?}");
    assert_eq!(c.data("search_tickets", json!({ "words": "answer lost" }))["total"], 1);
}

#[test]
fn a_deletion_asked_about_on_one_replica_is_confirmed_on_another() {
    let Some(url) = database() else { return };
    let [a, b, _c] = three(&url, &["--sample"]);
    let question = a.asked("delete_ticket", json!({ "id": 2 }));
    drop(a);
    let done = b.answer(&question, deletes(true));
    assert_eq!(done["structuredContent"]["status"], "confirmed", "{done}");
    assert_eq!(b.refused("get_ticket", json!({ "id": 2 })), "not_found");
}

#[test]
fn who_watches_a_ticket_hears_of_a_change_made_elsewhere() {
    let Some(url) = database() else { return };
    let [a, b, _c] = three(&url, &["--sample"]);
    let mut watching = a.connect();
    let wanted = json!({ "notifications": { "resourceSubscriptions": ["ticket://7"] } });
    watching.post(&able("subscriptions/listen", wanted), &[]);
    assert_eq!(watching.head().status, 200);
    assert_eq!(event(&mut watching)["method"], "notifications/subscriptions/acknowledged");
    b.data("close_ticket", json!({ "id": 7, "version": 1 }));
    let told = event(&mut watching);
    assert_eq!(
        (&told["method"], &told["params"]["uri"]),
        (&json!("notifications/resources/updated"), &json!("ticket://7"))
    );
    assert_eq!(a.data("get_ticket", json!({ "id": 7 }))["status"], "closed");
}
