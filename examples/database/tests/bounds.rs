//! The bounds of a query on SQLite: time, memory, temporary space, and that an answer is never half of one.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by it")]

mod support;

use std::time::{Duration, Instant};

use database::database::Database;
use database::page::Window;
use database::settings::Settings;
use mcp_server_core::tool::ErrorKind;
use serde_json::json;
use support::{ALL, TempFolder, ask, refused, rows, settings, told};

const MIB: u64 = 1 << 20;

/// A hundred rows; that in the middle has a value of 40 MB.
const UNEVEN: &str = "CREATE TABLE t (id INTEGER PRIMARY KEY, data BLOB, note TEXT); \
    WITH RECURSIVE c (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM c WHERE i < 100) \
    INSERT INTO t SELECT i, CASE WHEN i = 50 THEN zeroblob(40000000) ELSE x'00' END, 'n' || i FROM c;";

async fn open(folder: &TempFolder, schema: &str, settings: &Settings) -> Database {
    let path = folder.path().join("test.db");
    support::make_sqlite(&path, schema);
    Database::open(&path.display().to_string(), settings).await.expect("opens")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_value_that_is_too_large_is_an_error_that_names_it() {
    let folder = TempFolder::new();
    let db = open(&folder, UNEVEN, &settings()).await;
    for sql in ["SELECT zeroblob(140000000)", "SELECT id, zeroblob(140000000) FROM t WHERE id < 3"] {
        let error = refused(&db, sql).await;
        assert_eq!(error.kind(), ErrorKind::ResultTooLarge, "{sql}: {error}");
    }
    for (sql, place) in [
        ("SELECT * FROM t", "row 50"),
        ("SELECT data AS \"the data\", id FROM t WHERE id % 2 = 0", "row 25"),
        ("SELECT id, data AS \"the data\" FROM t ORDER BY id", "one of the rows"),
        ("SELECT a.id, b.data FROM t a JOIN t b USING (id) ORDER BY a.note DESC", "one of the rows"),
    ] {
        let error = refused(&db, sql).await;
        assert_eq!(error.kind(), ErrorKind::ResultTooLarge, "{sql}: {error}");
        let text = told(&error);
        assert!(text.contains(place) && text.contains("40000000 bytes") && text.contains("data"), "{text}");
    }
    // The advice works.
    let page = ask(&db, "SELECT id, octet_length(data) AS size FROM t WHERE id = 50", ALL).await.unwrap();
    assert_eq!(rows(&page), json!([{ "id": 50, "size": 40_000_000 }]));
    let page = ask(&db, "SELECT id, data FROM t WHERE octet_length(data) < 1000000", ALL).await.unwrap();
    assert_eq!(page.rows.len(), 99);
    // A page that ends before the row does not read it, and the next one says why it has none.
    let window = Window { skip: 0, rows: 49, characters: 1 << 20 };
    let page = ask(&db, "SELECT * FROM t", window).await.unwrap();
    assert!(page.rows.len() == 49 && page.more);
    let next = ask(&db, "SELECT * FROM t", Window { skip: 49, ..window }).await.unwrap_err();
    assert!(next.message().contains("row 50"), "{next}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn callers_do_not_falsify_each_others_answers() {
    let folder = TempFolder::new();
    let wide = "CREATE TABLE w (id INTEGER PRIMARY KEY, a BLOB, b BLOB, c BLOB, d BLOB); \
        WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 3) \
        INSERT INTO w SELECT i, zeroblob(15000000), zeroblob(15000000), zeroblob(15000000), zeroblob(15000000) FROM n; \
        CREATE TABLE small (i INTEGER); \
        WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1000) INSERT INTO small SELECT i FROM n;";
    let db = open(&folder, wide, &Settings { share: Some(5), wait: Duration::from_mins(1), ..settings() }).await;
    let asking: Vec<_> = (0..10)
        .map(|number| {
            let db = db.clone();
            tokio::spawn(async move {
                if number % 2 == 0 {
                    let error = refused(&db, "SELECT * FROM w").await;
                    assert_eq!(error.kind(), ErrorKind::ResultTooLarge, "{error}");
                } else {
                    let page = ask(&db, "SELECT i FROM small ORDER BY i", ALL).await.unwrap();
                    assert_eq!((page.rows.len(), page.more), (1000, false));
                }
            })
        })
        .collect();
    for task in asking {
        task.await.unwrap();
    }
}

#[cfg(target_os = "linux")]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_query_has_64_mib_of_memory_and_no_more() {
    use support::children::Watch;

    let folder = TempFolder::new();
    let limits = Settings { time: Duration::from_secs(3), ..settings() };
    let db = open(&folder, UNEVEN, &limits).await;
    let watch = Watch::start();
    for sql in [
        "SELECT hex(randomblob(900000000))",
        "SELECT randomblob(15000000), randomblob(15000000), randomblob(15000000), randomblob(15000000)",
        "SELECT length(group_concat(hex(randomblob(1000000)))) FROM t",
        "SELECT json_group_array(hex(randomblob(500000))) FROM t",
        "WITH RECURSIVE c (i, s) AS (SELECT 1, 'x' UNION ALL SELECT i + 1, s || s FROM c) SELECT i, s FROM c",
        "SELECT printf('%*d', 1000000000, 1)",
        "SELECT i.id, count(DISTINCT hex(randomblob(100000))) FROM t i, t j, t k GROUP BY i.id",
    ] {
        // Some of these end with an answer, some with an error. None of them ends with rows that are not all.
        match ask(&db, sql, ALL).await {
            Ok(page) => assert!(!page.rows.is_empty(), "{sql}"),
            Err(error) => {
                assert!(matches!(error.kind(), ErrorKind::ResultTooLarge | ErrorKind::Timeout), "{sql}: {error}");
            }
        }
    }
    assert!(watch.most() < 64 * MIB, "a worker had {} MiB", watch.most() / MIB);
    assert!(watch.most() > 16 * MIB, "the queries are large: {} MiB", watch.most() / MIB);
    assert!(watch.risen() < 32 * MIB, "the server itself grew by {} MiB", watch.risen() / MIB);
    assert_eq!(rows(&ask(&db, "SELECT 1 AS one", ALL).await.unwrap()), json!([{ "one": 1 }]));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_query_within_one_long_step_is_given_up_and_counted() {
    let folder = TempFolder::new();
    let limits = Settings { connections: 1, time: Duration::from_millis(300), ..settings() };
    let db = open(&folder, UNEVEN, &limits).await;
    // Each place of eight million is compared with four million characters, in a single step.
    let sql = "SELECT instr(hex(zeroblob(4000000)), hex(zeroblob(2000000)) || 'x')";
    for replaced in 1..=2 {
        let started = Instant::now();
        let error = refused(&db, sql).await;
        assert_eq!(error.kind(), ErrorKind::Timeout, "{error}");
        assert!(started.elapsed() < Duration::from_secs(8), "{:?}", started.elapsed());
        assert_eq!(db.workers().replaced, replaced);
        // The only place is free again.
        assert_eq!(rows(&ask(&db, "SELECT 1 AS one", ALL).await.unwrap()), json!([{ "one": 1 }]));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_catalogue_answers_while_all_queries_are_busy() {
    let folder = TempFolder::new();
    let limits = Settings {
        connections: 2,
        share: Some(1),
        wait: Duration::from_millis(100),
        time: Duration::from_mins(10),
        ..settings()
    };
    let db = open(&folder, UNEVEN, &limits).await;
    #[expect(clippy::async_yields_async, reason = "what still runs is given back")]
    let busy = |caller: &'static str| {
        let db = db.clone();
        let mut running = Box::pin(async move {
            let statement = database::sql_text::Statement::read(support::ENDLESS_SQLITE, db.dialect()).unwrap();
            db.run(caller, &statement, support::ENDLESS_SQLITE, ALL).await
        });
        async move {
            assert!(tokio::time::timeout(Duration::from_millis(300), &mut running).await.is_err());
            running
        }
    };
    let first = busy("one").await;
    let statement = database::sql_text::Statement::read("SELECT 1", db.dialect()).unwrap();
    let own = db.run("one", &statement, "SELECT 1", ALL).await.unwrap_err();
    assert!(own.kind() == ErrorKind::Overloaded && own.message().contains("your share"), "{own}");
    assert!(db.run("two", &statement, "SELECT 1", ALL).await.is_ok(), "another caller has a place left");
    let second = busy("two").await;
    let all = db.run("three", &statement, "SELECT 1", ALL).await.unwrap_err();
    assert!(all.kind() == ErrorKind::Overloaded && all.message().contains("all database connections"), "{all}");
    assert_eq!(db.catalogue().await.unwrap().tables.len(), 1);
    drop((first, second));
    assert!(db.run("three", &statement, "SELECT 1", ALL).await.is_ok());
}

#[cfg(unix)]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_sort_has_so_much_temporary_space_and_no_more() {
    let folder = TempFolder::new();
    let limits = Settings { temporary: 4 * MIB, time: Duration::from_mins(1), ..settings() };
    let db = open(&folder, UNEVEN, &limits).await;
    for sql in [
        "WITH RECURSIVE c (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM c) SELECT hex(randomblob(500)) AS h FROM c ORDER BY h",
        "WITH RECURSIVE c (h) AS (SELECT randomblob(500) UNION SELECT randomblob(500) FROM c) SELECT count(*) FROM c",
        "WITH RECURSIVE c (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM c) SELECT hex(randomblob(500)) AS h, count(*) FROM c GROUP BY h",
    ] {
        let error = refused(&db, sql).await;
        assert_eq!(error.kind(), ErrorKind::ResultTooLarge, "{sql}: {error}");
        assert!(error.message().contains("temporary space"), "{sql}: {error}");
    }
    let sql = "SELECT count(*) AS n FROM (SELECT a.note FROM t a, t b ORDER BY b.note, a.note)";
    assert_eq!(rows(&ask(&db, sql, ALL).await.unwrap()), json!([{ "n": 10_000 }]), "an honest sort has room");
}

#[cfg(target_os = "linux")]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_worker_that_dies_is_an_error_and_never_the_end_of_the_rows() {
    let folder = TempFolder::new();
    let db = open(&folder, UNEVEN, &Settings { time: Duration::from_mins(10), ..settings() }).await;
    let before = support::children::children();
    let asking = tokio::spawn({
        let db = db.clone();
        async move { ask(&db, support::ENDLESS_SQLITE, ALL).await }
    });
    let mut every = tokio::time::interval(Duration::from_millis(10));
    let worker = loop {
        every.tick().await;
        if let Some(worker) = support::children::children().into_iter().find(|child| !before.contains(child)) {
            break worker;
        }
    };
    assert!(std::process::Command::new("kill").args(["-9", &worker.to_string()]).status().unwrap().success());
    let error = asking.await.unwrap().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::WorkerLost, "{error}");
    assert!(error.retryable() && ask(&db, "SELECT 1", ALL).await.is_ok());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn text_in_double_quotes_is_no_text_and_the_path_is_nobodys_business() {
    let folder = TempFolder::new();
    let db = open(&folder, UNEVEN, &settings()).await;
    let text = told(&refused(&db, "SELECT * FROM t WHERE \"ntoe\" = 'x'").await);
    assert!(text.contains("no such column: ntoe") && text.contains("`t.note`"), "{text}");
    let text = told(&refused(&db, "SELECT count(*) FROM t WHERE note = \"Some text\"").await);
    assert!(text.contains("'Some text'"), "{text}");
    for sql in ["SELECT file FROM pragma_database_list", "SELECT * FROM pragma_database_list()"] {
        assert_eq!(refused(&db, sql).await.kind(), ErrorKind::PermissionDenied, "{sql}");
    }
    assert!(ask(&db, "SELECT name FROM pragma_table_info('t')", ALL).await.is_ok());
    let page = ask(&db, "SELECT id, note, id + 1 AS next FROM t WHERE id < 0", ALL).await.unwrap();
    let columns: Vec<(&str, &str)> =
        page.columns.iter().map(|column| (column.name.as_str(), column.type_name.as_str())).collect();
    assert_eq!(columns, [("id", "integer"), ("note", "text"), ("next", "any")], "an empty answer has its columns");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sql_of_another_dialect_is_answered_with_this_one() {
    let folder = TempFolder::new();
    let db = open(&folder, UNEVEN, &settings()).await;
    for (sql, part) in [
        ("SELECT EXTRACT(YEAR FROM note) FROM t", "strftime('%Y'"),
        ("SELECT date_trunc('month', note) FROM t", "'%Y-%m-01'"),
        ("SELECT * FROM t WHERE note ILIKE 'x'", "LIKE"),
        ("SELECT TOP 5 * FROM t", "LIMIT"),
        ("SELECT * FROM t FETCH FIRST 5 ROWS ONLY", "LIMIT"),
        ("SELECT note::integer FROM t", "CAST(x AS type)"),
        ("SHOW TABLES", "list_tables"),
        ("DESCRIBE t", "[\"t\"]"),
        ("SELECT * FROM information_schema.tables", "list_tables"),
        ("SELECT frobnicate(id) FROM t", "pragma_function_list"),
    ] {
        let error = refused(&db, sql).await;
        assert_eq!(error.kind(), ErrorKind::InvalidArgument, "{sql}: {error}");
        assert!(error.advice_text().contains(part), "{sql}: {}", told(&error));
    }
    assert!(ask(&db, "```sql\nSELECT id FROM t\n```", ALL).await.is_ok());
}
