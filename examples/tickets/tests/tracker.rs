//! The tracker at the wire, on SQLite and on PostgreSQL: what a client sees is the same.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by it")]

mod support;

use mcp_server_tests::Folder;
use serde_json::{Value, json};
use support::{Tickets, database, deletes, event};

/// Runs a test against a tracker with the sample, on each database in turn.
fn on_each(test: impl Fn(&Tickets)) {
    let folder = Folder::new("tickets");
    let file = format!("sqlite:{}", folder.path().join("tickets.sqlite").display());
    test(&Tickets::start(&file, "memory:", &["--sample", "--import-rate", "100000"]));
    if let Some(url) = database() {
        test(&Tickets::start(&url, "memory:", &["--sample", "--import-rate", "100000"]));
    }
}

fn titles(rows: &Value) -> Vec<&str> {
    rows["rows"].as_array().unwrap().iter().map(|row| row["title"].as_str().unwrap()).collect()
}

#[test]
fn tickets_are_found_by_their_words_and_none_is_explained() {
    on_each(|tickets| {
        let found = tickets.data("search_tickets", json!({ "words": "SLOW morning" }));
        assert_eq!(titles(&found), ["The log-in page is slow in the morning"]);
        // Other forms of a word count, and so do parts.
        for word in ["password", "Passwords", "PASSWORDS", "passw"] {
            let found = tickets.data("search_tickets", json!({ "words": word }));
            assert_eq!(titles(&found), ["Passwords expire on holidays"], "{word}");
        }
        let of = |name: &str| tickets.data("search_tickets", json!({ "assignee": name }));
        assert_eq!((&of("ines")["total"], &of("Ines")["total"], &of("")["total"]), (&json!(2), &json!(2), &json!(5)));
        assert_eq!(of("Zoe")["reason"], "there is no ticket of the assignee Zoe");
        let both = tickets.data("open_search", json!({ "words": "invoice", "assignee": "INES" }));
        assert_eq!(both["value"]["found"], 1);
        let umlauts = tickets.data("search_tickets", json!({ "words": "müller" }));
        assert_eq!(umlauts["total"], 1);
        let all = tickets.data("search_tickets", json!({ "limit": 2 }));
        assert_eq!((titles(&all).len(), &all["total"]), (2, &json!(12)));
        // What has a meaning in the pattern of a database is a plain character here.
        assert_eq!(tickets.data("search_tickets", json!({ "words": "91 %" }))["total"], 1);
        for nothing in ["100%", "the_lift", "l\\ft", "' OR 1=1"] {
            let none = tickets.data("search_tickets", json!({ "words": nothing, "status": "open" }));
            assert_eq!(none["rows"], json!([]), "{nothing}");
            let reason = format!("no open ticket has all of the words: {nothing}");
            assert_eq!(none["reason"], reason);
        }
        let closed = tickets.data("search_tickets", json!({ "status": "closed" }));
        assert_eq!(closed["reason"], "there is no closed ticket");
    });
}

#[test]
fn a_ticket_is_written_read_changed_and_closed() {
    on_each(|tickets| {
        let written = tickets.data("create_ticket", json!({ "title": "The door squeaks", "priority": "low" }));
        let id = &written["detail"]["id"];
        let change = json!({ "id": id, "version": 1, "title": "The front door squeaks", "assignee": "Noor" });
        assert_eq!(tickets.data("update_ticket", change)["detail"]["version"], 2);
        tickets.data("comment_on_ticket", json!({ "id": id, "text": "Oil did not help." }));
        let read = tickets.data("get_ticket", json!({ "id": id }));
        assert_eq!((&read["title"], &read["priority"]), (&json!("The front door squeaks"), &json!("low")));
        assert_eq!((&read["assignee"], &read["status"]), (&json!("Noor"), &json!("open")));
        assert_eq!(read["comments"][0]["text"], "Oil did not help.");
        let closed = tickets.data("close_ticket", json!({ "id": id, "version": 2 }));
        assert_eq!(closed["status"], "confirmed");
        let again = tickets.data("close_ticket", json!({ "id": id, "version": 2 }));
        assert_eq!(again["status"], "unchanged");
        let found = tickets.data("search_tickets", json!({ "words": "front squeaks", "status": "closed" }));
        assert_eq!(found["rows"][0]["id"], *id);
    });
}

#[test]
fn what_changed_meanwhile_is_a_conflict_and_stays() {
    on_each(|tickets| {
        tickets.data("update_ticket", json!({ "id": 1, "version": 1, "assignee": "Noor" }));
        let late = json!({ "id": 1, "version": 1, "assignee": "Tomas" });
        let refused = tickets.call("update_ticket", late.clone());
        let error = &refused["_meta"]["rs.mcp-server/error"];
        assert_eq!((&error["kind"], &error["details"]["version"]), (&json!("conflict"), &json!(2)), "{refused}");
        assert_eq!(tickets.refused("close_ticket", json!({ "id": 1, "version": 1 })), "conflict");
        assert_eq!(tickets.data("get_ticket", json!({ "id": 1 }))["assignee"], "Noor");
        for (tool, arguments) in [
            ("get_ticket", json!({ "id": 99 })),
            ("update_ticket", json!({ "id": 99, "version": 1 })),
            ("comment_on_ticket", json!({ "id": 99, "text": "?" })),
            ("close_ticket", json!({ "id": 99, "version": 1 })),
            ("delete_ticket", json!({ "id": 99 })),
        ] {
            assert_eq!(tickets.refused(tool, arguments), "not_found", "{tool}");
        }
    });
}

#[test]
fn a_repeated_creation_makes_one_ticket() {
    on_each(|tickets| {
        let new = json!({ "title": "Said twice" });
        let first = tickets.data("create_ticket", new.clone());
        let again = tickets.data("create_ticket", new);
        assert_eq!((&again["detail"], &again["status"]), (&first["detail"], &first["status"]));
        let what = again["what"].as_str().unwrap();
        assert!(
            what.contains("nothing was done again") && !first["what"].as_str().unwrap().contains("again"),
            "{what}"
        );
        assert_eq!(tickets.data("search_tickets", json!({ "words": "said twice" }))["total"], 1);
    });
}

#[test]
fn a_modern_client_is_asked_before_a_ticket_is_deleted() {
    on_each(|tickets| {
        tickets.data("comment_on_ticket", json!({ "id": 3, "text": "Soon." }));
        let question = tickets.asked("delete_ticket", json!({ "id": 3 }));
        assert!(question.message.contains("Backups of the archive take all night"), "{}", question.message);
        assert!(question.message.contains("1 comments"), "{}", question.message);
        let declined = tickets.answer(&question, json!({ "action": "decline" }));
        assert_eq!(declined["_meta"]["rs.mcp-server/error"]["kind"], "cancelled", "{declined}");
        let no = tickets.answer(&question, deletes(false));
        assert_eq!(no["structuredContent"]["status"], "unchanged", "{no}");
        assert_eq!(tickets.data("get_ticket", json!({ "id": 3 }))["version"], 1, "it is still there");
        let yes = tickets.answer(&question, deletes(true));
        assert_eq!(yes["structuredContent"]["status"], "confirmed", "{yes}");
        assert_eq!(tickets.refused("get_ticket", json!({ "id": 3 })), "not_found");
    });
}

#[test]
fn only_what_the_user_was_asked_about_is_deleted() {
    on_each(|tickets| {
        let question = tickets.asked("delete_ticket", json!({ "id": 3 }));
        tickets.data("update_ticket", json!({ "id": 3, "version": 1, "title": "Do not delete this" }));
        let late = tickets.answer(&question, deletes(true));
        assert_eq!(late["_meta"]["rs.mcp-server/error"]["kind"], "conflict", "{late}");
        assert_eq!(tickets.data("get_ticket", json!({ "id": 3 }))["title"], "Do not delete this");
    });
}

#[test]
fn a_legacy_client_is_asked_on_the_stream_of_its_call() {
    on_each(|tickets| {
        let session = tickets.session();
        for (id, answer, ended) in [
            (1, json!({ "action": "decline" }), "cancelled"),
            (2, deletes(false), "unchanged"),
            (3, deletes(true), "confirmed"),
        ] {
            let mut call = tickets.begin(&session, id, "delete_ticket", json!({ "id": 5 }));
            let question = event(&mut call);
            assert_eq!(question["method"], "elicitation/create", "{question}");
            let answer = json!({ "jsonrpc": "2.0", "id": question["id"], "result": answer });
            assert_eq!(tickets.post(&session, &answer).status, 202);
            let result = event(&mut call)["result"].to_string();
            assert!(result.contains(ended), "{ended}: {result}");
        }
        assert_eq!(tickets.refused("get_ticket", json!({ "id": 5 })), "not_found");
    });
}

#[test]
fn an_open_search_is_read_page_by_page_and_stays_as_it_was() {
    on_each(|tickets| {
        tickets.data("import_tickets", json!({ "made_up": 45 }));
        let opened = tickets.data("open_search", json!({ "words": "made-up" }))["value"].clone();
        assert_eq!((&opened["found"], &opened["pages"]), (&json!(45), &json!(3)));
        tickets.data("create_ticket", json!({ "title": "One more that is made-up" }));
        let mut seen = Vec::new();
        for page in 1..=3 {
            let rows = tickets.data("read_search", json!({ "search": opened["search"], "page": page }));
            seen.extend(titles(&rows).into_iter().map(str::to_owned));
        }
        let expected: Vec<String> = (1..=45).rev().map(|number| format!("Made-up ticket {number} of 45")).collect();
        assert_eq!(seen, expected);
        let beyond = tickets.data("read_search", json!({ "search": opened["search"], "page": 4 }));
        assert_eq!(beyond["reason"], "the search has 3 pages");
        tickets.data("close_search", json!({ "search": opened["search"] }));
        assert_eq!(tickets.refused("read_search", json!({ "search": opened["search"] })), "not_found");
        let none = tickets.data("open_search", json!({ "words": "unheard-of" }));
        assert_eq!(none["reason"], "no ticket has all of the words: unheard-of");
    });
}

#[test]
fn an_import_writes_every_row_or_none_and_once() {
    on_each(|tickets| {
        let csv = "title,priority,body\n\"A title, with a comma\",high,\"two\nlines\"\nAnother,,\n";
        assert_eq!(tickets.refused("import_tickets", json!({ "csv": csv })), "invalid_argument", "an empty priority");
        assert_eq!(tickets.refused("import_tickets", json!({ "csv": "title\n\"\"\n" })), "invalid_argument");
        assert_eq!(tickets.refused("import_tickets", json!({ "csv": "body\nno title\n" })), "invalid_argument");
        assert_eq!(tickets.refused("import_tickets", json!({ "csv": "title,body\n" })), "invalid_argument");
        assert_eq!(tickets.refused("import_tickets", json!({})), "invalid_argument");
        assert_eq!(tickets.data("search_tickets", json!({}))["total"], 12, "nothing was written");
        let csv = json!({ "csv": csv.replace("Another,,", "Another,low,") });
        let done = tickets.data("import_tickets", csv.clone());
        assert_eq!((&done["status"], &done["detail"]["tickets"]), (&json!("confirmed"), &json!(2)));
        let again = tickets.data("import_tickets", csv);
        assert_eq!((&again["status"], &again["detail"]["tickets"]), (&json!("unchanged"), &json!(2)));
        let found = tickets.data("search_tickets", json!({ "words": "comma lines" }));
        assert_eq!(titles(&found), ["A title, with a comma"]);
    });
}

#[test]
fn resources_and_the_prompt_show_what_is_there() {
    on_each(|tickets| {
        let read = tickets.request("resources/read", json!({ "uri": "ticket://4" }));
        assert!(read["contents"][0]["text"].as_str().unwrap().contains("31 February"), "{read}");
        let open = tickets.request("resources/read", json!({ "uri": "tickets://open" }));
        assert!(open["contents"][0]["text"].as_str().unwrap().starts_with("All 12 open tickets"), "{open}");
        let triage = tickets.request("prompts/get", json!({ "name": "triage", "arguments": { "people": "Ines" } }));
        let text = triage["messages"][0]["content"]["text"].as_str().unwrap();
        assert!(text.contains("Among Ines.") && text.contains("- 4 (urgent, Ines):"), "{text}");
        let completed = tickets.request(
            "completion/complete",
            json!({ "ref": { "type": "ref/resource", "uri": "ticket://{id}" }, "argument": { "name": "id", "value": "1" } }),
        );
        assert_eq!(completed["completion"]["values"], json!(["12", "11", "10", "1"]));
    });
}

#[cfg(unix)]
#[test]
fn nobody_else_can_read_the_file() {
    use std::os::unix::fs::PermissionsExt as _;

    let folder = Folder::new("tickets");
    let path = folder.path().join("tickets.sqlite");
    let tickets = Tickets::start(&format!("sqlite:{}", path.display()), "memory:", &["--sample"]);
    assert_eq!(tickets.data("search_tickets", json!({}))["total"], 12);
    for file in std::fs::read_dir(folder.path()).unwrap() {
        let file = file.unwrap();
        assert_eq!(file.metadata().unwrap().permissions().mode() & 0o777, 0o600, "{:?}", file.path());
    }
}
