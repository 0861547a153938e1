//! SQLite: reading, limits, and every way to write, tried for real.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by it")]

mod support;

use std::time::{Duration, Instant};

use database::database::Database;
use database::page::Window;
use database::sample::Sample;
use database::settings::Settings;
use mcp_server_core::tool::ErrorKind;
use serde_json::json;
use support::{ALL, TempFolder, ask, refused, rows, told};

async fn file(schema: &str) -> (TempFolder, Database) {
    let folder = TempFolder::new();
    let path = folder.path().join("test.db");
    support::make_sqlite(&path, schema);
    let db = Database::open(&format!("sqlite:{}", path.display()), &support::settings()).await.expect("opens");
    (folder, db)
}

const SHOP: &str = "CREATE TABLE customer ( -- Who buys.\n id INTEGER PRIMARY KEY, name TEXT NOT NULL, email TEXT);
    CREATE TABLE \"Order Items\" (id INTEGER PRIMARY KEY, customer INTEGER REFERENCES customer (id), price REAL);
    CREATE TABLE vacant (id INTEGER);
    CREATE VIEW broken AS SELECT gone FROM customer;
    INSERT INTO customer VALUES (1, 'Ada', 'ada@example.org'), (2, 'Bob', NULL);
    INSERT INTO \"Order Items\" VALUES (1, 1, 9.5);";

#[tokio::test]
async fn the_catalogue_is_read_with_keys_counts_and_comments() {
    let (_folder, db) = file(SHOP).await;
    let catalogue = db.catalogue().await.unwrap();
    let names: Vec<String> = catalogue.tables.iter().map(database::catalogue::Table::sql_name).collect();
    assert_eq!(names, ["\"Order Items\"", "broken", "customer", "vacant"]);
    assert_eq!(catalogue.find("customer").unwrap().comment.as_deref(), Some("Who buys."));
    assert!(catalogue.find("broken").unwrap().comment.as_deref().unwrap().contains("cannot be read"));
    let items = catalogue.find("order items").unwrap();
    assert_eq!(db.count(&[items]).await.unwrap()[0].unwrap().words(), "1 rows");
    let details = db.details(items).await.unwrap();
    assert_eq!(details.foreign_keys[0].references, "customer");
    assert_eq!(details.foreign_keys[0].columns, ["customer"]);
    assert!(details.definition.unwrap().starts_with("CREATE TABLE"));
}

#[tokio::test]
async fn every_kind_of_value_keeps_its_type() {
    let (_folder, db) = file("CREATE TABLE t (a BOOLEAN, d DATETIME); INSERT INTO t VALUES (1, '2024-01-02');").await;
    let sql = "SELECT 1 AS i, 9223372036854775807 AS big, 0.5 AS f, 9e999 AS inf, 'ä' AS t, x'00ff' AS b, NULL AS n, \
         CAST(x'ff41' AS TEXT) AS broken_text, a, d FROM t";
    assert_eq!(
        rows(&ask(&db, sql, ALL).await.unwrap()),
        json!([{
            "i": 1, "big": "9223372036854775807", "f": 0.5, "inf": "Infinity", "t": "ä",
            "b": { "base64": "AP8=", "bytes": 2 }, "n": null, "broken_text": { "base64": "/0E=", "bytes": 2 },
            "a": 1, "d": "2024-01-02",
        }])
    );
    let page = ask(&db, "SELECT 1 AS id, 2 AS id, 3 AS \"\"", ALL).await.unwrap();
    assert_eq!(rows(&page), json!([{ "id": 1, "id_2": 2, "column": 3 }]));
    let page = ask(&db, "SELECT printf('%20000d', 1) AS long", ALL).await.unwrap();
    assert_eq!(rows(&page)[0]["long"]["truncated"], true);
}

#[tokio::test]
async fn no_write_reaches_the_file() {
    let (folder, db) = file(SHOP).await;
    let path = folder.path().join("test.db");
    let before = std::fs::read(&path).unwrap();
    // What is no query by its first word.
    for sql in [
        "INSERT INTO customer VALUES (3, 'Eve', NULL)",
        "DROP TABLE customer",
        "PRAGMA writable_schema = 1",
        "PRAGMA query_only = 0",
        "EXPLAIN PRAGMA query_only = 0",
        "PRAGMA journal_mode = WAL",
        "VACUUM INTO '/tmp/copy.db'",
        "ATTACH 'other.db' AS other",
        "BEGIN IMMEDIATE",
        "CREATE TEMP TABLE x (a)",
    ] {
        assert_eq!(refused(&db, sql).await.kind(), ErrorKind::PermissionDenied, "{sql}");
    }
    // What looks like a query: the engine itself refuses it.
    for sql in [
        "WITH x AS (SELECT 9) INSERT INTO customer SELECT 9, 'Eve', NULL FROM x",
        "WITH x AS (SELECT 1) DELETE FROM customer",
        "WITH x AS (SELECT 1) UPDATE customer SET name = 'Eve'",
    ] {
        let error = refused(&db, sql).await;
        assert_eq!(error.kind(), ErrorKind::PermissionDenied, "{sql}: {error}");
    }
    for sql in ["SELECT 1; DELETE FROM customer", "SELECT load_extension('x')", "SELECT writefile('x', 'y')"] {
        let error = refused(&db, sql).await;
        assert!(matches!(error.kind(), ErrorKind::InvalidArgument | ErrorKind::PermissionDenied), "{sql}: {error}");
    }
    assert_eq!(std::fs::read(&path).unwrap(), before, "the file is as it was");
    let files: Vec<_> = std::fs::read_dir(folder.path()).unwrap().collect();
    assert_eq!(files.len(), 1, "no file came beside it: {files:?}");
}

#[tokio::test]
async fn a_file_that_others_write_to_is_read_as_it_is_now() {
    let folder = TempFolder::new();
    let path = folder.path().join("test.db");
    support::make_sqlite(&path, "PRAGMA journal_mode = WAL; CREATE TABLE t (a INT);");
    let writer = rusqlite::Connection::open(&path).unwrap();
    let db = Database::open(&format!("sqlite:{}", path.display()), &support::settings()).await.unwrap();
    for number in 1..=3 {
        writer.execute_batch("INSERT INTO t VALUES (1)").unwrap();
        assert_eq!(rows(&ask(&db, "SELECT count(*) AS n FROM t", ALL).await.unwrap()), json!([{ "n": number }]));
    }
    assert_eq!(refused(&db, "WITH x AS (SELECT 1) DELETE FROM t").await.kind(), ErrorKind::PermissionDenied);
}

#[tokio::test]
async fn a_query_past_its_time_is_stopped_and_the_connection_is_good_again() {
    let folder = TempFolder::new();
    let path = folder.path().join("test.db");
    support::make_sqlite(&path, SHOP);
    let settings = Settings { connections: 1, time: Duration::from_millis(200), ..support::settings() };
    let db = Database::open(&format!("sqlite:{}", path.display()), &settings).await.unwrap();
    let started = Instant::now();
    let error = refused(&db, support::ENDLESS_SQLITE).await;
    assert_eq!(error.kind(), ErrorKind::Timeout, "{error}");
    assert!(started.elapsed() < Duration::from_secs(5));
    // The only connection answers at once, so nothing runs on it any more.
    assert_eq!(rows(&ask(&db, "SELECT 1 AS one", ALL).await.unwrap()), json!([{ "one": 1 }]));
}

#[tokio::test]
async fn a_query_that_nobody_waits_for_is_stopped() {
    let folder = TempFolder::new();
    let path = folder.path().join("test.db");
    support::make_sqlite(&path, SHOP);
    let settings = Settings { connections: 1, time: Duration::from_mins(10), ..support::settings() };
    let db = Database::open(&format!("sqlite:{}", path.display()), &settings).await.unwrap();
    let dropped = tokio::time::timeout(Duration::from_millis(200), ask(&db, support::ENDLESS_SQLITE, ALL)).await;
    assert!(dropped.is_err(), "it runs until it is dropped");
    let started = Instant::now();
    assert_eq!(rows(&ask(&db, "SELECT 1 AS one", ALL).await.unwrap()), json!([{ "one": 1 }]));
    assert!(started.elapsed() < Duration::from_secs(5), "the connection was freed, not waited for");
}

#[tokio::test]
async fn without_a_free_connection_the_answer_is_overloaded_not_empty() {
    let folder = TempFolder::new();
    let path = folder.path().join("test.db");
    support::make_sqlite(&path, SHOP);
    let settings = Settings {
        connections: 1,
        wait: Duration::from_millis(100),
        time: Duration::from_mins(10),
        ..support::settings()
    };
    let db = Database::open(&format!("sqlite:{}", path.display()), &settings).await.unwrap();
    let busy = db.clone();
    let mut running = Box::pin(async move { ask(&busy, support::ENDLESS_SQLITE, ALL).await });
    assert!(tokio::time::timeout(Duration::from_millis(200), &mut running).await.is_err());
    let error = refused(&db, "SELECT 1").await;
    assert_eq!(error.kind(), ErrorKind::Overloaded, "{error}");
    assert!(error.retryable() && error.wait().is_some());
    drop(running);
    assert!(ask(&db, "SELECT 1", ALL).await.is_ok());
}

#[tokio::test]
async fn errors_name_the_place_and_the_nearest_name() {
    let (_folder, db) = file(SHOP).await;
    let text = told(&refused(&db, "SELECT *\nFORM customer").await);
    assert!(text.contains("syntax error") && text.contains("line 2, column 1"), "{text}");
    let text = told(&refused(&db, "SELECT * FROM custmer").await);
    assert!(text.contains("line 1, column 15") && text.contains("Did you mean `customer`?"), "{text}");
    let text = told(&refused(&db, "SELECT nmae FROM customer").await);
    assert!(text.contains("Did you mean `customer.name`?"), "{text}");
}

#[tokio::test]
async fn pages_follow_each_other_without_gap_or_repetition() {
    let (_folder, db) = file(
        "CREATE TABLE n (i INTEGER PRIMARY KEY); \
         WITH RECURSIVE c (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM c WHERE i < 2500) \
         INSERT INTO n SELECT i FROM c;",
    )
    .await;
    let mut seen = Vec::new();
    loop {
        let window = Window { skip: seen.len() as u64, rows: 1000, characters: 1 << 20 };
        let page = ask(&db, "SELECT i FROM n ORDER BY i", window).await.unwrap();
        seen.extend(page.rows.iter().map(|row| row[0].as_i64().unwrap()));
        if !page.more {
            break;
        }
    }
    assert_eq!(seen, (1..=2500).collect::<Vec<i64>>());
    let page =
        ask(&db, "SELECT i, printf('%01000d', i) AS t FROM n", Window { skip: 0, rows: 1000, characters: 10_000 })
            .await;
    let page = page.unwrap();
    assert!(page.more && page.rows.len() == 9, "the limit of bytes ends a page: {}", page.rows.len());
}

#[tokio::test]
async fn a_file_that_is_none_is_refused_at_start() {
    let folder = TempFolder::new();
    let url = |name: &str| format!("sqlite:{}", folder.path().join(name).display());
    assert!(Database::open(&url("missing.db"), &support::settings()).await.is_err());
    std::fs::write(folder.path().join("text.db"), "this is no database, and it is long enough to be seen as none")
        .unwrap();
    assert!(Database::open(&url("text.db"), &support::settings()).await.is_err());
    assert!(Database::open("mysql://x", &support::settings()).await.is_err());
    assert!(!folder.path().join("missing.db").exists(), "nothing was made");
}

#[tokio::test]
async fn the_sample_unpacks_quickly_whole_and_goes_again() {
    let started = Instant::now();
    let sample = Sample::unpack().unwrap();
    let took = started.elapsed();
    let db = Database::open(&sample.url(), &support::settings()).await.unwrap();
    let sql = "SELECT (SELECT count(*) FROM strike) AS strikes, (SELECT count(*) FROM airport) AS airports, \
         (SELECT count(*) FROM route) AS routes, (SELECT count(*) FROM strike_report WHERE cost > 0) AS costly, \
         (SELECT count(*) FROM pragma_foreign_key_check()) AS orphans, (SELECT max(date) FROM strike) AS last";
    assert_eq!(
        rows(&ask(&db, sql, ALL).await.unwrap()),
        json!([{ "strikes": 10_000, "airports": 3376, "routes": 5366, "costly": 209,
            "orphans": 0, "last": "2002-07-25" }])
    );
    assert!(took < Duration::from_secs(5), "{took:?}");
    let path = sample.path();
    drop(sample);
    assert!(!path.exists());
}
