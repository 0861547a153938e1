//! Three processes on one PostgreSQL: what one began, another goes on with.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by it")]

mod support;

use serde_json::{Value, json};
use support::{Tickets, able, database, deletes, event, news};

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
    let same = |receipt: &Value| ["status", "detail"].iter().all(|part| receipt[part] == receipts[0][part]);
    assert!(receipts.iter().all(same), "{receipts:?}");
    // Any of them may have come first; the others say that they repeat it.
    let repeats = |receipt: &&Value| receipt["what"].as_str().unwrap().contains("nothing was done again");
    assert_eq!(receipts.iter().filter(repeats).count(), 2, "{receipts:?}");
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
    let mut watching = a.watch(json!({ "resourceSubscriptions": ["ticket://7"] }));
    b.data("close_ticket", json!({ "id": 7, "version": 1 }));
    let told = event(&mut watching);
    assert_eq!(
        (&told["method"], &told["params"]["uri"]),
        (&json!("notifications/resources/updated"), &json!("ticket://7"))
    );
    assert_eq!(a.data("get_ticket", json!({ "id": 7 }))["status"], "closed");
}

/// The titles of everything that was imported, as a search that stays as it was found.
fn imported(replica: &Tickets) -> Vec<String> {
    let opened = replica.data("open_search", json!({ "words": "made-up" }))["value"].clone();
    let pages = 1..=opened["pages"].as_u64().unwrap();
    let rows = pages.flat_map(|page| {
        let rows = replica.data("read_search", json!({ "search": opened["search"], "page": page }));
        rows["rows"].as_array().unwrap().clone()
    });
    rows.map(|row| row["title"].as_str().unwrap().to_owned()).collect()
}

fn expected(count: u32) -> Vec<String> {
    (1..=count).rev().map(|number| format!("Made-up ticket {number} of {count}")).collect()
}

#[test]
fn an_import_whose_worker_is_killed_is_finished_elsewhere_and_no_row_comes_twice() {
    let Some(url) = database() else { return };
    let [a, b, c] = three(&url, &["--import-rate", "250"]);
    let task = a.task("import_tickets", json!({ "made_up": 500 }));
    let mut watching = b.watch(json!({ "taskIds": [task] }));
    let before = news(&mut watching, |task| task["statusMessage"].is_string());
    a.kill();
    assert_ne!(before["statusMessage"], "500 of 500 tickets are written", "it was killed in the middle");
    let done = news(&mut watching, |task| task["status"] == "completed");
    assert_eq!(done["result"]["structuredContent"]["detail"]["tickets"], 500, "{done}");
    assert_eq!(imported(&c), expected(500));
}

#[test]
fn a_worker_that_was_only_taken_for_dead_writes_no_row_again() {
    let Some(url) = database() else { return };
    let [a, b, _c] = three(&url, &["--import-rate", "250"]);
    let task = a.task("import_tickets", json!({ "made_up": 500 }));
    let mut watching = b.watch(json!({ "taskIds": [task] }));
    news(&mut watching, |task| task["statusMessage"].is_string());
    a.pause();
    news(&mut watching, |task| task["status"] == "completed");
    a.resume();
    assert_eq!(imported(&a), expected(500), "it is back");
    a.stop();
    assert_eq!(imported(&b), expected(500), "and has had every chance to write");
}
