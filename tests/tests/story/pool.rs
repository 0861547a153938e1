//! The same story as it really was: a table in PostgreSQL is locked, the first queries hang and hold every connection of
//! the pool, and whoever comes after them waits for one until the pool gives up.

use std::net::SocketAddr;

use mcp_server_tests::services::{Collector, Postgres, SeenSpan};
use mcp_server_tests::{Reply, Server};
use serde_json::{Value, json};

use super::shop::{self, CALLS, look, many, many_find_all};

/// How many connections the pool of the shop has.
const CONNECTIONS: u32 = 4;

/// A database with three things in stock.
fn stocked() -> Option<Postgres> {
    let database = Postgres::start()?;
    database.execute(
        "CREATE TABLE things (name text, words text);
         INSERT INTO things VALUES ('axe', 'anything'), ('bow', 'anything else'), ('cup', 'not just anything')",
    );
    Some(database)
}

/// Sixty calls: those that come first wait for the table, the others for them.
fn sixty(database: &Postgres, server: SocketAddr) -> (Vec<Reply>, Vec<Reply>) {
    std::thread::scope(|scope| {
        let first = scope.spawn(move || many(server, 1..1 + CONNECTIONS));
        database.has_waiting(CONNECTIONS);
        let others = many(server, 1 + CONNECTIONS..61);
        (first.join().unwrap(), others)
    })
}

/// The span of a failed call. The log has its cause under the reference that the agent was told: in a line, which names the
/// trace too, or in the count of those that were left out for being equal.
fn span_of(reply: &Reply, cause: &str, log: &[Value], collector: &Collector) -> SeenSpan {
    let (id, error) = (reply.json()["id"].to_string(), reply.tool_error());
    let span = collector.span(&id, |span| span.attribute("jsonrpc.request.id") == json!(id));
    assert_eq!((span.name(), span.status().0), ("tools/call stock", "ERROR"));
    assert_eq!(
        (span.attribute("error.type"), span.attribute("mcpserver.outcome")),
        (json!("tool_error"), json!("failed"))
    );
    assert_eq!(span.attribute("mcpserver.kind"), error["kind"]);
    let reference = error["correlationId"].as_str().unwrap();
    let has = |line: &Value, field: &str, part: &str| line[field].as_str().is_some_and(|text| text.contains(part));
    let line = log.iter().find(|line| has(line, "reference", reference) && has(line, "cause", cause));
    match line {
        Some(line) => assert_eq!(line["trace_id"], span.trace(), "{line}"),
        None => assert!(
            log.iter().any(|line| has(line, "references", reference) && has(line, "like", cause)),
            "{cause} is not told under {reference}: {log:#?}"
        ),
    }
    span
}

#[test]
fn sixty_calls_that_fail_behind_a_locked_table_are_told_counted_alerted_and_traced_to_their_cause() {
    let Some(database) = stocked() else { return };
    let collector = Collector::start("http/protobuf");
    let mut program = shop::program(&database.url());
    collector.receive(&mut program);
    let server = shop::open(program);
    let prometheus = shop::prometheus(&server);
    many_find_all(server.address(), 0..1);

    let lock = database.lock("things");
    let (hung, dry) = sixty(&database, server.address());
    assert_eq!(hung.len() + dry.len(), 60);
    shop::the_agents_were_told(&hung, &["timeout"]);
    shop::the_agents_were_told(&dry, &["overloaded"]);
    shop::the_failed_are_counted(&server, 60.0);
    if let Some(prometheus) = &prometheus {
        shop::the_failed_are_alerted(prometheus, 60.0);
        for (kind, count) in [("timeout", 4.0), ("overloaded", 56.0)] {
            prometheus.becomes(&format!("sum({CALLS}{{outcome=\"failed\", kind=\"{kind}\"}})"), count);
        }
    }

    // Whoever has the lock lets go: nobody has to start anything again.
    lock.release();
    database.has_waiting(0);
    many_find_all(server.address(), 100..120);

    // Then somebody empties the table, and no call fails.
    database.execute("DELETE FROM things");
    shop::twenty_results_are_off(&server, 200..220);
    if let Some(prometheus) = &prometheus {
        shop::the_results_are_alerted(prometheus);
    }
    let metrics = server.metrics();
    for (outcome, count) in [("complete", 21.0), ("empty", 20.0), ("failed", 60.0)] {
        assert_eq!(metrics.sum(CALLS, &[("gen_ai_tool_name", "stock"), ("outcome", outcome)]), count, "{outcome}");
    }

    let log: Vec<Value> = server.last_words().iter().map(|line| serde_json::from_str(line).unwrap()).collect();
    for reply in &dry {
        let call = span_of(reply, "pool timed out while waiting for an open connection", &log, &collector);
        let wait = collector.span("the wait for a connection", |wait| wait.parent() == call.id());
        assert_eq!((wait.name(), wait.status().0, wait.trace()), ("acquire connection", "ERROR", call.trace()));
    }
    for reply in &hung {
        let call = span_of(reply, "the call was stopped at its limit of 2 s", &log, &collector);
        let query =
            collector.span("the query that hung", |query| query.parent() == call.id() && query.kind() == "CLIENT");
        assert_eq!((query.name(), query.kind(), query.trace()), ("SELECT things", "CLIENT", call.trace()));
        let leads = |line: &Value| line["trace_id"] == call.trace() && line["cause"].is_string();
        assert!(log.iter().any(leads), "so few equal lines are all written, each with its trace: {log:#?}");
    }
}

#[test]
fn an_error_that_is_swallowed_behind_a_dry_pool_is_an_error_whose_cause_names_the_pool() {
    let Some(database) = stocked() else { return };
    let server = shop::open(shop::program(&database.url()));
    let lock = database.lock("things");
    let address = server.address();
    let replies = std::thread::scope(|scope| {
        let hung = scope.spawn(move || many(address, 1..1 + CONNECTIONS));
        database.has_waiting(CONNECTIONS);
        let reply = shop::look_with(address, 9, "stock_swallowed");
        hung.join().unwrap();
        reply
    });
    lock.release();
    assert_eq!(replies.tool_error()["kind"], "unexplained_empty");
    let used = server.metrics().sum("db_client_connection_max", &[("db_client_connection_pool_name", "warehouse")]);
    assert_eq!(used, f64::from(CONNECTIONS));
    let reference = replies.tool_error()["correlationId"].as_str().unwrap().to_owned();
    let line = server.last_words().into_iter().find(|line| line.contains(&reference) && line.contains("\"cause\""));
    let line = line.unwrap_or_default();
    assert!(line.contains("4 of 4 connections of the pool `warehouse` are in use"), "{line}");
}

/// One call, which fails as an agent may act on; what it is told.
fn told(server: &Server, kind: &str) -> String {
    let failed = [look(server.address(), 1)];
    shop::the_agents_were_told(&failed, &[kind]);
    failed[0].tool_error()["message"].as_str().unwrap().to_owned()
}

#[test]
fn a_query_with_a_limit_of_its_own_and_a_database_that_is_down_are_told_as_what_they_are() {
    let Some(database) = stocked() else { return };
    let shop_with = |limit: &str| shop::open(shop::program(&format!("{}?options[{limit}]=100", database.url())));
    let shops = [shop_with("lock_timeout"), shop_with("statement_timeout")];
    let lock = database.lock("things");
    assert_eq!(told(&shops[0], "overloaded"), "what the query needs is locked by another change");
    assert_eq!(told(&shops[1], "timeout"), "the database stopped the query at its limit of time");
    lock.release();
    for shop in &shops {
        many_find_all(shop.address(), 2..3);
    }

    // The pool waits for a database that is down as it waits for a connection, and says of both the same.
    database.stop();
    let message = told(&shops[0], "overloaded");
    assert!(message.ends_with("all are busy, or the database does not answer"), "{message}");
    database.start_again();
    many_find_all(shops[0].address(), 3..4);
}
