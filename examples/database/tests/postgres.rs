//! PostgreSQL, a real one: reading, limits, and every way to do more than read, tried as superuser.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by it")]

mod support;

use std::time::{Duration, Instant};

use database::database::Database;
use database::page::Window;
use database::settings::Settings;
use futures_util::FutureExt as _;
use mcp_server_core::tool::ErrorKind;
use serde_json::json;
use sqlx::Row as _;
use support::cluster::Cluster;
use support::{ALL, ask, refused, rows, told};

const SCHEMA: &str = "CREATE SCHEMA sales; CREATE SEQUENCE counter; \
    CREATE TABLE customer (id int PRIMARY KEY, name text NOT NULL DEFAULT 'x', email text UNIQUE); \
    COMMENT ON TABLE customer IS 'Who buys.'; COMMENT ON COLUMN customer.email IS 'Where to write.'; \
    CREATE TABLE sales.\"Order Items\" (id int, part int, \
     customer int REFERENCES customer (id), PRIMARY KEY (part, id)); \
    CREATE TABLE vacant (id int); CREATE TABLE secret (id int); \
    CREATE VIEW buyers AS SELECT name FROM customer; \
    CREATE TABLE n AS SELECT i FROM generate_series(1, 2500) i; \
    INSERT INTO customer VALUES (1, 'Ada', 'ada@example.org'), (2, 'Bob', NULL); ANALYZE; \
    CREATE TYPE mood AS ENUM ('sad', 'happy'); CREATE DOMAIN price AS numeric(10, 2); \
    CREATE FUNCTION sneaky(text) RETURNS int LANGUAGE plpgsql AS $$ \
     BEGIN INSERT INTO customer VALUES (9); RETURN 1; END $$; \
    CREATE FUNCTION liar(text) RETURNS int LANGUAGE plpgsql STABLE AS $$ \
     BEGIN INSERT INTO customer VALUES (9); RETURN 1; END $$; \
    CREATE FUNCTION crosstab(text) RETURNS int LANGUAGE sql STABLE AS $$ SELECT 1 $$; \
    CREATE FUNCTION touched(customer) RETURNS int LANGUAGE sql VOLATILE AS $$ SELECT 1 $$; \
    CREATE FUNCTION harmless(int) RETURNS int LANGUAGE sql AS $$ SELECT $1 $$; \
    CREATE TABLE flight (id int PRIMARY KEY, phase mood, day date CHECK (day > '2000-01-01'), \
     customer int REFERENCES customer (id), note text); \
    CREATE TABLE reading (at date NOT NULL, value int) PARTITION BY RANGE (at); \
    CREATE TABLE reading_2024 PARTITION OF reading FOR VALUES FROM ('2024-01-01') TO ('2025-01-01'); \
    INSERT INTO flight VALUES (1, 'sad', '2024-01-02', 1, 'Landing roll'), (2, 'happy', '2024-01-03', 2, 'Climb'); \
    CREATE TABLE hidden (id int, owner name); INSERT INTO hidden VALUES (1, 'somebody'); \
    ALTER TABLE hidden ENABLE ROW LEVEL SECURITY; CREATE POLICY own ON hidden USING (owner = current_user); \
    ANALYZE; \
    CREATE ROLE reader LOGIN; GRANT SELECT ON customer, buyers, n, vacant, flight, hidden TO reader; \
    CREATE ROLE powerful LOGIN; GRANT pg_read_all_data TO powerful;";

/// One server for all that is tested: starting one takes seconds.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn postgres() {
    let Some(cluster) = Cluster::start() else { return };
    cluster.execute(SCHEMA).await;
    let db = open(&cluster, support::settings()).await;
    let mut failed = Vec::new();
    failed.extend(attempt("the_catalogue_is_read", the_catalogue_is_read(&db)).await);
    failed.extend(attempt("every_kind_of_value_keeps_its_type", every_kind_of_value_keeps_its_type(&db)).await);
    failed.extend(attempt("no_write_reaches_the_database", no_write_reaches_the_database(&cluster, &db)).await);
    failed
        .extend(attempt("no_function_with_effects_is_called", no_function_with_effects_is_called(&cluster, &db)).await);
    failed.extend(attempt("pages_follow_each_other", pages_follow_each_other(&db)).await);
    failed.extend(
        attempt("errors_name_the_place_and_the_nearest_name", errors_name_the_place_and_the_nearest_name(&db)).await,
    );
    failed.extend(attempt("a_role_sees_what_it_may", a_role_sees_what_it_may(&cluster)).await);
    failed.extend(
        attempt(
            "a_query_past_its_time_is_stopped_in_the_server",
            a_query_past_its_time_is_stopped_in_the_server(&cluster),
        )
        .await,
    );
    failed.extend(
        attempt(
            "a_query_that_nobody_waits_for_is_stopped_in_the_server",
            a_query_that_nobody_waits_for_is_stopped_in_the_server(&cluster),
        )
        .await,
    );
    failed.extend(
        attempt(
            "without_a_free_connection_the_answer_is_overloaded",
            without_a_free_connection_the_answer_is_overloaded(&cluster),
        )
        .await,
    );
    failed.extend(attempt("nothing_stays_on_a_connection", nothing_stays_on_a_connection(&cluster)).await);
    failed.extend(attempt("numbers_in_json_are_exact", numbers_in_json_are_exact(&db)).await);
    failed.extend(
        attempt("cells_are_measured_before_they_are_sent", cells_are_measured_before_they_are_sent(&cluster)).await,
    );
    failed.extend(attempt("what_only_looks_dangerous_runs", what_only_looks_dangerous_runs(&db)).await);
    failed.extend(attempt("secrets_are_not_read", secrets_are_not_read(&db)).await);
    failed.extend(
        attempt("a_role_that_can_do_more_is_refused_at_start", a_role_that_can_do_more_is_refused_at_start(&cluster))
            .await,
    );
    failed.extend(
        attempt("a_function_of_ones_own_can_be_allowed", a_function_of_ones_own_can_be_allowed(&cluster)).await,
    );
    failed.extend(
        attempt("another_dialect_is_answered_with_this_one", another_dialect_is_answered_with_this_one(&db)).await,
    );
    failed.extend(
        attempt("a_description_has_all_that_binds_a_table", a_description_has_all_that_binds_a_table(&db)).await,
    );
    failed.extend(attempt("nothing_found_is_explained", nothing_found_is_explained(&cluster)).await);
    failed.extend(attempt("what_cannot_be_opened_is_named_once", what_cannot_be_opened_is_named_once(&cluster)).await);
    failed.extend(
        attempt(
            "a_connection_that_breaks_is_unavailable_and_the_next_is_good",
            a_connection_that_breaks_is_unavailable_and_the_next_is_good(&cluster),
        )
        .await,
    );
    assert!(failed.is_empty(), "failed: {failed:?}");
    let url = cluster.url("reader");
    drop(cluster);
    a_server_that_is_gone_is_unavailable(&db, &url).await;
}

/// Runs a test so that those after it run too; its name if it failed.
async fn attempt(name: &'static str, test: impl Future<Output = ()>) -> Option<&'static str> {
    std::panic::AssertUnwindSafe(test).catch_unwind().await.err().map(|_| name)
}

async fn open(cluster: &Cluster, settings: Settings) -> Database {
    let settings = Settings { privileged: true, ..settings };
    Database::open(&cluster.url("postgres"), &settings).await.expect("connects")
}

async fn the_catalogue_is_read(db: &Database) {
    let catalogue = db.catalogue().await.unwrap();
    let names: Vec<String> = catalogue.tables.iter().map(database::catalogue::Table::sql_name).collect();
    let wanted = [
        "public.buyers",
        "public.customer",
        "public.flight",
        "public.hidden",
        "public.n",
        "public.reading",
        "public.secret",
        "public.vacant",
        "sales.\"Order Items\"",
    ];
    assert_eq!(names, wanted);
    let customer = catalogue.find("customer").unwrap();
    assert_eq!(customer.comment.as_deref(), Some("Who buys."));
    assert_eq!(customer.columns[2].comment.as_deref(), Some("Where to write."));
    assert_eq!(customer.columns[1].default.as_deref(), Some("'x'::text"));
    assert_eq!(customer.columns[0].primary_key, Some(1));
    assert_eq!(db.count(&[catalogue.find("n").unwrap()]).await.unwrap()[0].unwrap().words(), "about 2500 rows");
    let items = catalogue.find("order items").unwrap();
    assert_eq!(items.columns.iter().map(|column| column.primary_key).collect::<Vec<_>>(), [Some(2), Some(1), None]);
    let details = db.details(items).await.unwrap();
    assert_eq!(details.foreign_keys[0].references, "customer");
    assert_eq!(
        (&details.foreign_keys[0].columns[..], &details.foreign_keys[0].referenced_columns[..]),
        (&["customer".to_owned()][..], &["id".to_owned()][..])
    );
    assert_eq!(details.indexes[0].on, ["part", "id"]);
    let view = db.details(catalogue.find("buyers").unwrap()).await.unwrap();
    assert!(view.definition.unwrap().contains("FROM customer"));
}

async fn every_kind_of_value_keeps_its_type(db: &Database) {
    let sql = "SELECT 1::int2 AS i, 9223372036854775807 AS big, 0.5::float8 AS f, 'NaN'::float4 AS nan, \
         '-inf'::float8 AS inf, \
         12.340::numeric AS d, true AS b, NULL AS n, '2024-05-06'::date AS date, \
         '2024-05-06 07:08:09'::timestamp AS ts, \
         '2024-05-06 07:08:09+02'::timestamptz AT TIME ZONE 'UTC' AS utc, '1 day 2 hours'::interval AS iv, \
         'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11'::uuid AS u, '{\"a\": [1, null]}'::jsonb AS j, '\\x00ff'::bytea AS bin, \
         ARRAY[[1, 2], [3, NULL]] AS ints, ARRAY['a \"b\"', NULL, '{,}'] AS texts, 'happy'::mood AS mood, \
         ARRAY['sad'::mood] AS moods, 1.5::price AS price, '[1,5)'::int4range AS r, '10.0.0.1'::inet AS ip, \
         point(1, 2) AS p, ARRAY[]::int[] AS none, (1, 'x') AS record, '{1.5}'::price[] AS prices";
    let page = ask(db, sql, ALL).await.unwrap();
    assert_eq!(
        rows(&page),
        json!([{
            "i": 1, "big": "9223372036854775807", "f": 0.5, "nan": "NaN", "inf": "-Infinity", "d": "12.340", "b": true,
            "n": null, "date": "2024-05-06", "ts": "2024-05-06T07:08:09", "utc": "2024-05-06T05:08:09", "iv": "P1DT2H",
            "u": "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11", "j": { "a": [1, null] },
            "bin": { "base64": "AP8=", "bytes": 2 },
            "ints": [[1, 2], [3, null]], "texts": ["a \"b\"", null, "{,}"], "mood": "happy", "moods": ["sad"],
            "price": "1.50", "r": "[1,5)", "ip": "10.0.0.1", "p": "(1,2)", "none": [], "record": "(1,x)",
            "prices": ["1.50"],
        }])
    );
    let types: Vec<&str> = page.columns.iter().map(|column| column.type_name.as_str()).collect();
    assert_eq!(
        (types[0], types[5], types[17], types[19]),
        ("smallint", "numeric", "mood", "numeric"),
        "a domain comes as what it is over"
    );
    let page = ask(db, "SELECT 1 AS id, 2 AS id, 3", ALL).await.unwrap();
    assert_eq!(rows(&page), json!([{ "id": 1, "id_2": 2, "?column?": 3 }]));
    let page = ask(db, "SELECT timestamptz '2024-05-06 07:08:09Z' AS t", ALL).await.unwrap();
    assert!(rows(&page)[0]["t"].as_str().unwrap().starts_with("2024-05-0"), "{:?}", rows(&page));
    // What reads like a query of several words still is one.
    for sql in ["VALUES (1), (2)", "TABLE customer", "(SELECT 1)", "WITH a AS (SELECT 1) SELECT * FROM a"] {
        assert!(ask(db, sql, ALL).await.is_ok(), "{sql}");
    }
}

/// What the database holds, and whatever a write would leave behind.
async fn state(cluster: &Cluster) -> (i64, i64, i64, bool) {
    let row = sqlx::query(
        "SELECT (SELECT count(*) FROM customer), (SELECT count(*) FROM pg_class), \
         (SELECT count(*) FROM pg_largeobject_metadata), (SELECT is_called FROM counter)",
    )
    .fetch_one(&mut cluster.superuser().await)
    .await
    .unwrap();
    (row.get(0), row.get(1), row.get(2), row.get(3))
}

async fn no_write_reaches_the_database(cluster: &Cluster, db: &Database) {
    let before = state(cluster).await;
    for sql in [
        "INSERT INTO customer VALUES (3)",
        "UPDATE customer SET name = 'Eve'",
        "DROP TABLE customer",
        "CREATE TABLE x (a int)",
        "COPY customer TO PROGRAM 'touch /tmp/stolen'",
        "COPY customer FROM '/etc/passwd'",
        "TRUNCATE customer",
        "SET default_transaction_read_only = off",
        "BEGIN READ WRITE",
        "COMMIT",
        "DO $$ BEGIN DELETE FROM customer; END $$",
        "NOTIFY x",
        "CALL x()",
        "LOCK TABLE customer",
        "WITH x AS (INSERT INTO customer VALUES (3) RETURNING id) SELECT * FROM x",
        "WITH x AS (SELECT 1) DELETE FROM customer",
        "SELECT * FROM customer FOR UPDATE",
        "EXPLAIN ANALYZE DELETE FROM customer",
        "EXPLAIN (ANALYZE) WITH x AS (INSERT INTO customer VALUES (3) RETURNING id) SELECT * FROM x",
    ] {
        let error = refused(db, sql).await;
        let kinds = [ErrorKind::PermissionDenied, ErrorKind::InvalidArgument];
        assert!(kinds.contains(&error.kind()), "{sql}: {error}");
    }
    for sql in ["SELECT 1; DELETE FROM customer", "SELECT 1 INTO TABLE x", "SELECT $1"] {
        assert_eq!(refused(db, sql).await.kind(), ErrorKind::InvalidArgument, "{sql}");
    }
    assert_eq!(state(cluster).await, before);
}

async fn no_function_with_effects_is_called(cluster: &Cluster, db: &Database) {
    let before = state(cluster).await;
    for sql in [
        "SELECT nextval('counter')",
        "SELECT setval('counter', 5)",
        "SELECT lo_import('/etc/passwd')",
        "SELECT lo_create(7)",
        "SELECT pg_read_file('/etc/passwd')",
        "SELECT * FROM pg_ls_dir('/')",
        "SELECT pg_terminate_backend(1)",
        "SELECT pg_catalog . pg_reload_conf /* x */ ()",
        "SELECT \"pg_notify\"('a', 'b')",
        "SELECT set_config('transaction_read_only', 'off', false)",
        "SELECT set_config('statement_timeout', '0', false)",
        "SELECT pg_advisory_lock(1)",
        "SELECT query_to_xml('SELECT lo_create(8)', true, true, '')",
        "SELECT sneaky('x')",
        "SELECT 1 --\r, nextval('counter')",
        "SELECT * FROM crosstab('SELECT lo_create(8)')",
        "SELECT c.touched FROM customer c",
    ] {
        let error = refused(db, sql).await;
        assert_eq!(error.kind(), ErrorKind::PermissionDenied, "{sql}: {error}");
        assert!(
            told(&error).contains("without it") || told(&error).contains("cannot do this"),
            "{sql}: {}",
            told(&error)
        );
    }
    // A function that lies about its nature is stopped by the server.
    assert!(ask(db, "SELECT liar('x')", ALL).await.is_err());
    for sql in [
        "SELECT random() < 2, lower('A'), count(*) FROM customer",
        "SELECT pg_table_size('customer')",
        "SELECT name FROM customer c WHERE c.id = 1",
    ] {
        assert!(ask(db, sql, ALL).await.is_ok(), "{sql}");
    }
    assert_eq!(state(cluster).await, before);
}

async fn pages_follow_each_other(db: &Database) {
    let mut seen = Vec::new();
    loop {
        let window = Window { skip: seen.len() as u64, rows: 1000, characters: 1 << 20 };
        let page = ask(db, "SELECT i FROM n ORDER BY i -- all of them", window).await.unwrap();
        seen.extend(page.rows.iter().map(|row| row[0].as_i64().unwrap()));
        if !page.more {
            break;
        }
    }
    assert_eq!(seen, (1..=2500).collect::<Vec<i64>>());
    let window = Window { skip: 0, rows: 1000, characters: 10_000 };
    let page = ask(db, "SELECT repeat('x', 1000) AS t FROM n a, n b, n c", window).await.unwrap();
    assert!(page.more && page.rows.len() == 9, "a huge result is not read to its end: {}", page.rows.len());
    let page = ask(db, "SELECT i FROM n WHERE i < 0", ALL).await.unwrap();
    assert!(page.rows.is_empty() && !page.more);
}

async fn errors_name_the_place_and_the_nearest_name(db: &Database) {
    let error = refused(db, "SELECT *\n  FORM customer").await;
    assert_eq!(error.kind(), ErrorKind::InvalidArgument);
    assert!(told(&error).contains("line 2, column 3"), "{}", told(&error));
    let error = refused(db, "-- first\nSELECT * FROM custmer").await;
    assert!(told(&error).contains("line 2, column 15"), "{}", told(&error));
    assert!(told(&error).contains("Did you mean `public.customer`?"), "{}", told(&error));
    let error = refused(db, "SELECT nmae FROM customer").await;
    assert!(told(&error).contains("Did you mean `customer.name`?"), "{}", told(&error));
    let error = refused(db, "SELECT c.nmae FROM customer c").await;
    assert!(told(&error).contains("Did you mean `customer.name`?"), "{}", told(&error));
    let error = refused(db, "SELECT 1 / 0 AS x").await;
    assert!(
        error.kind() == ErrorKind::InvalidArgument && told(&error).contains("division by zero"),
        "{}",
        told(&error)
    );
}

async fn a_role_sees_what_it_may(cluster: &Cluster) {
    let db = Database::open(&cluster.url("reader"), &support::settings()).await.unwrap();
    let catalogue = db.catalogue().await.unwrap();
    assert!(catalogue.find("secret").is_err() && catalogue.find("customer").is_ok());
    assert_eq!(refused(&db, "SELECT * FROM secret").await.kind(), ErrorKind::PermissionDenied);
}

const ENDLESS: &str = "SELECT count(*) FROM generate_series(1, 1000000) a, generate_series(1, 1000000) b";

async fn a_query_past_its_time_is_stopped_in_the_server(cluster: &Cluster) {
    let db = open(cluster, Settings { time: Duration::from_millis(300), ..support::settings() }).await;
    for sql in ["SELECT pg_sleep(600)", ENDLESS] {
        let started = Instant::now();
        let error = refused(&db, sql).await;
        assert_eq!(error.kind(), ErrorKind::Timeout, "{sql}: {error}");
        assert!(started.elapsed() < Duration::from_secs(5), "{sql}");
        cluster.until_active(0).await;
    }
}

async fn a_query_that_nobody_waits_for_is_stopped_in_the_server(cluster: &Cluster) {
    let db = open(cluster, Settings { connections: 1, time: Duration::from_mins(10), ..support::settings() }).await;
    for sql in ["SELECT pg_sleep(600)", ENDLESS] {
        let asking = tokio::spawn({
            let db = db.clone();
            async move { ask(&db, sql, ALL).await }
        });
        cluster.until_active(1).await;
        asking.abort();
        cluster.until_active(0).await;
        // The permit came back with it.
        assert!(ask(&db, "SELECT 1", ALL).await.is_ok());
    }
}

async fn without_a_free_connection_the_answer_is_overloaded(cluster: &Cluster) {
    let settings = Settings {
        connections: 2,
        share: Some(2),
        wait: Duration::from_millis(300),
        time: Duration::from_mins(10),
        ..support::settings()
    };
    let db = open(cluster, settings).await;
    let asking: Vec<_> = (0..2)
        .map(|_| {
            let db = db.clone();
            tokio::spawn(async move { ask(&db, "SELECT pg_sleep(600)", ALL).await })
        })
        .collect();
    cluster.until_active(2).await;
    let started = Instant::now();
    let error = refused(&db, "SELECT 1").await;
    assert_eq!(error.kind(), ErrorKind::Overloaded, "{error}");
    assert!(error.retryable() && error.wait().is_some());
    assert!(started.elapsed() < Duration::from_secs(5));
    for task in asking {
        task.abort();
    }
    cluster.until_active(0).await;
    assert!(ask(&db, "SELECT 1", ALL).await.is_ok());
}

async fn nothing_stays_on_a_connection(cluster: &Cluster) {
    let db = open(cluster, Settings { connections: 1, ..support::settings() }).await;
    let sql = "SELECT pg_backend_pid() AS pid, current_setting('statement_timeout') AS t, \
         current_setting('transaction_read_only') AS r";
    let first = rows(&ask(&db, sql, ALL).await.unwrap());
    assert_eq!((&first[0]["t"], &first[0]["r"]), (&json!("10s"), &json!("on")));
    refused(&db, "SELECT 1 / 0").await;
    let second = rows(&ask(&db, sql, ALL).await.unwrap());
    assert_eq!(first, second, "an error costs no connection");
    // Between calls there is no transaction open.
    let idle: i64 = sqlx::query_scalar(
        "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'mcp-database' AND state LIKE 'idle in%'",
    )
    .fetch_one(&mut cluster.superuser().await)
    .await
    .unwrap();
    assert_eq!(idle, 0);
}

async fn a_connection_that_breaks_is_unavailable_and_the_next_is_good(cluster: &Cluster) {
    let db = open(cluster, Settings { connections: 1, ..support::settings() }).await;
    let asking = tokio::spawn({
        let db = db.clone();
        async move { ask(&db, "SELECT pg_sleep(9)", ALL).await }
    });
    cluster.until_active(1).await;
    let end = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'mcp-database'";
    cluster.execute(end).await;
    let error = asking.await.unwrap().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::UpstreamUnavailable, "{error}");
    assert!(ask(&db, "SELECT 1", ALL).await.is_ok());
    // Idle, it is found out before it is lent again.
    cluster.execute(end).await;
    assert!(ask(&db, "SELECT 1", ALL).await.is_ok());
}

async fn a_server_that_is_gone_is_unavailable(db: &Database, url: &str) {
    let error = refused(db, "SELECT 1").await;
    assert_eq!(error.kind(), ErrorKind::UpstreamUnavailable, "{error}");
    let error = Database::open(url, &support::settings()).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::UpstreamUnavailable, "{error}");
    let error = Database::open("postgres://user:hunter2@[broken/", &support::settings()).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Misconfigured, "{error}");
    assert!(!format!("{error:?}{error}").contains("hunter2"));
}

async fn numbers_in_json_are_exact(db: &Database) {
    let sql = "SELECT '[123456789012345678901234567890, 9007199254740993, 0.1, 7, 1e400]'::jsonb AS b, \
         '{\"a\": 0.1234567890123456789}'::json AS j, ARRAY['9007199254740993'::jsonb] AS list, 0.1::float8 AS f";
    assert_eq!(
        rows(&ask(db, sql, ALL).await.unwrap())[0],
        json!({
            "b": ["123456789012345678901234567890", "9007199254740993", 0.1, 7, format!("1{}", "0".repeat(400))],
            "j": { "a": "0.1234567890123456789" }, "list": ["9007199254740993"], "f": 0.1,
        })
    );
}

/// Large cells, large rows, many of them, and a large error: the server and its workers stay small.
async fn cells_are_measured_before_they_are_sent(cluster: &Cluster) {
    let db = open(cluster, Settings { time: Duration::from_secs(20), ..support::settings() }).await;
    #[cfg(target_os = "linux")]
    let watch = support::children::Watch::start();
    let sql =
        "SELECT repeat('x', 100000000) AS a, repeat('ä', 50000000) AS b, decode(repeat('00', 50000000), 'hex') AS c";
    let page = ask(&db, sql, ALL).await.unwrap();
    let row = &rows(&page)[0];
    for column in ["a", "b"] {
        assert_eq!((&row[column]["bytes"], &row[column]["truncated"]), (&json!(100_000_000), &json!(true)), "{column}");
    }
    assert_eq!((&row["c"]["bytes"], &row["c"]["truncated"]), (&json!(50_000_000), &json!(true)));
    let many = "SELECT i, repeat('x', 1000000) AS a, repeat('y', 1000000) AS b FROM generate_series(1, 300) i";
    let page = ask(&db, many, Window { skip: 0, rows: 300, characters: 36_000 }).await.unwrap();
    assert!(page.more && page.rows.len() < 10, "{}", page.rows.len());
    for sql in ["SELECT repeat('x', 200000000)::int", "EXPLAIN VERBOSE SELECT repeat('x', 200000000)"] {
        match ask(&db, sql, ALL).await {
            Ok(page) => assert!(!page.rows.is_empty(), "{sql}"),
            Err(error) => {
                let kinds = [ErrorKind::ResultTooLarge, ErrorKind::InvalidArgument, ErrorKind::Timeout];
                assert!(kinds.contains(&error.kind()) && error.message().len() < 2_000, "{sql}: {error}");
            }
        }
    }
    #[cfg(target_os = "linux")]
    {
        assert!(watch.most() < 64 << 20, "a worker had {} MiB", watch.most() >> 20);
        assert!(watch.risen() < 32 << 20, "the server itself grew by {} MiB", watch.risen() >> 20);
    }
    assert!(ask(&db, "SELECT 1", ALL).await.is_ok());
}

async fn what_only_looks_dangerous_runs(db: &Database) {
    for sql in [
        "SELECT * FROM n TABLESAMPLE system (50)",
        "WITH nextval (a) AS (SELECT 1) SELECT a FROM nextval",
        "EXPLAIN SELECT * FROM customer",
        "EXPLAIN (ANALYZE, FORMAT JSON) SELECT * FROM customer",
        "SHOW server_version",
        "```sql\nSELECT 1;\n```",
    ] {
        let page = ask(db, sql, ALL).await.unwrap_or_else(|error| panic!("{sql}: {error}"));
        assert!(!page.columns.is_empty(), "{sql}");
    }
    assert_eq!(refused(db, "EXPLAIN ANALYZE SELECT nextval('counter')").await.kind(), ErrorKind::PermissionDenied);
    let page = ask(db, "SELECT id, name AS called, now() AS at FROM customer WHERE false", ALL).await.unwrap();
    let columns: Vec<(&str, &str)> =
        page.columns.iter().map(|column| (column.name.as_str(), column.type_name.as_str())).collect();
    assert_eq!(columns, [("id", "integer"), ("called", "text"), ("at", "timestamp with time zone")]);
    // The order of a query is that of its rows, though the server measures them.
    let page = ask(db, "SELECT i FROM n ORDER BY i DESC LIMIT 3", ALL).await.unwrap();
    assert_eq!(rows(&page), json!([{ "i": 2500 }, { "i": 2499 }, { "i": 2498 }]));
    assert_eq!(refused(db, "SELECT FROM n").await.kind(), ErrorKind::InvalidArgument);
}

async fn secrets_are_not_read(db: &Database) {
    for sql in [
        "SELECT rolname, rolpassword FROM pg_authid",
        "SELECT * FROM pg_catalog.\"pg_shadow\"",
        "SELECT (SELECT umoptions FROM pg_user_mapping LIMIT 1)",
        "SELECT subconninfo FROM pg_subscription",
        "EXPLAIN ANALYZE SELECT * FROM pg_authid",
    ] {
        assert_eq!(refused(db, sql).await.kind(), ErrorKind::PermissionDenied, "{sql}");
    }
    assert!(ask(db, "SELECT rolname FROM pg_roles", ALL).await.is_ok());
}

async fn a_role_that_can_do_more_is_refused_at_start(cluster: &Cluster) {
    for (role, part) in [("postgres", "superuser"), ("powerful", "pg_read_all_data")] {
        let error = Database::open(&cluster.url(role), &support::settings()).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Misconfigured, "{error}");
        assert!(error.message().contains(part) && error.message().contains("--allow-privileged-role"), "{error}");
        let settings = Settings { privileged: true, ..support::settings() };
        let db = Database::open(&cluster.url(role), &settings).await.unwrap();
        assert!(db.warnings()[0].contains(part), "{:?}", db.warnings());
    }
    let db = Database::open(&cluster.url("reader"), &support::settings()).await.unwrap();
    assert!(db.warnings().iter().all(|warning| warning.contains("temp_file_limit")), "{:?}", db.warnings());
}

async fn a_function_of_ones_own_can_be_allowed(cluster: &Cluster) {
    let sql = "SELECT harmless(1) AS h";
    let error = refused(&open(cluster, support::settings()).await, sql).await;
    assert!(error.advice_text().contains("--allow-function"), "{}", told(&error));
    for name in ["harmless", "public.harmless"] {
        let allowed = Settings { functions: vec![name.to_owned()], ..support::settings() };
        let db = open(cluster, allowed).await;
        assert_eq!(rows(&ask(&db, sql, ALL).await.unwrap()), json!([{ "h": 1 }]), "{name}");
        assert_eq!(refused(&db, "SELECT sneaky('x')").await.kind(), ErrorKind::PermissionDenied);
    }
    let other = Settings { functions: vec!["sales.harmless".to_owned()], ..support::settings() };
    assert_eq!(refused(&open(cluster, other).await, sql).await.kind(), ErrorKind::PermissionDenied);
}

async fn another_dialect_is_answered_with_this_one(db: &Database) {
    for (sql, part) in [
        ("SELECT strftime('%Y', day) FROM flight", "to_char"),
        ("SELECT ifnull(note, 'x') FROM flight", "coalesce"),
        ("SELECT TOP 5 * FROM flight", "LIMIT"),
        ("SELECT `note` FROM flight", "double quotes"),
        ("SELECT * FROM flight LIMIT 5, 10", "OFFSET 5"),
        ("SELECT group_concat(note) FROM flight", "string_agg"),
        ("SELECT * FROM sqlite_master", "list_tables"),
        ("SELECT round(avg(id)::float8, 2) FROM flight", "numeric"),
        ("SELECT * FROM flight WHERE phase = 'hapy'", "`happy`"),
        ("SELECT * FROM flight WHERE phase IN ('sad', 'HAPPY')", "`happy`"),
        ("SELECT * FROM flight WHERE note = \"Climb\"", "'Climb'"),
        ("SHOW TABLES", "list_tables"),
        ("DESCRIBE flight", "[\"flight\"]"),
        ("\\d flight", "[\"flight\"]"),
        ("SELECT frobnicate(id) FROM flight", "pg_proc"),
    ] {
        let error = refused(db, sql).await;
        assert_eq!(error.kind(), ErrorKind::InvalidArgument, "{sql}: {error}");
        assert!(error.advice_text().contains(part), "{sql}: {}", told(&error));
    }
}

async fn a_description_has_all_that_binds_a_table(db: &Database) {
    let catalogue = db.catalogue().await.unwrap();
    let flight = catalogue.find("flight").unwrap();
    assert_eq!(flight.columns[1].values, ["sad", "happy"]);
    let details = db.details(flight).await.unwrap();
    assert!(details.checks[0].condition.contains("2000-01-01"), "{details:?}");
    let customer = db.details(catalogue.find("customer").unwrap()).await.unwrap();
    let pointing: Vec<&str> = customer.referenced_by.iter().map(|reference| reference.table.as_str()).collect();
    assert_eq!(pointing, ["flight", "sales.\"Order Items\""]);
    let partitions = db.details(catalogue.find("reading").unwrap()).await.unwrap().partitions.unwrap();
    assert_eq!((partitions.by.as_str(), partitions.count), ("RANGE (at)", 1));
    assert!(partitions.first[0].starts_with("reading_2024 FOR VALUES"), "{partitions:?}");
}

async fn nothing_found_is_explained(cluster: &Cluster) {
    let db = Database::open(&cluster.url("reader"), &support::settings()).await.unwrap();
    let none = async |sql: &str| {
        let statement = database::sql_text::Statement::read(sql, db.dialect()).unwrap();
        assert!(ask(&db, sql, ALL).await.unwrap().rows.is_empty(), "{sql}");
        database::empty::why_none(&db, "tester", &statement, 0).await
    };
    let reason = none("SELECT * FROM flight f WHERE f.note = 'landing' AND day > '2001-01-01'").await;
    assert!(reason.contains("f.note = 'landing' matches no row") && reason.contains("'Landing roll'"), "{reason}");
    assert!(!reason.contains("2001"), "{reason}");
    let reason = none("SELECT * FROM flight WHERE day > DATE '2030-01-01'").await;
    assert!(reason.contains("from '2024-01-02' to '2024-01-03'"), "{reason}");
    let reason = none("SELECT * FROM flight WHERE note = 'Climb' AND phase = 'sad'").await;
    assert!(reason.contains("not together"), "{reason}");
    let reason = none("SELECT * FROM hidden").await;
    assert!(reason.contains("row-level security is active on public.hidden"), "{reason}");
    let sql = "SELECT count(*), max(day) FROM flight WHERE note ILIKE 'landing'";
    let page = ask(&db, sql, ALL).await.unwrap();
    assert!(page.counts_nothing());
    let statement = database::sql_text::Statement::read(sql, db.dialect()).unwrap();
    let reason = database::empty::why_zero(&db, "tester", &statement).await.unwrap();
    assert!(reason.contains("'Landing roll'"), "{reason}");
}

async fn what_cannot_be_opened_is_named_once(cluster: &Cluster) {
    let url = cluster.url("nobody");
    let error = Database::open(&url, &support::settings()).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Misconfigured, "{error}");
    for part in ["host 127.0.0.1", "port ", "role nobody", "database postgres", "role \"nobody\" does not exist"] {
        assert_eq!(error.message().matches(part).count(), 1, "{part}: {}", error.message());
    }
    let error = Database::open(&format!("{url}?sslmod=verify-full"), &support::settings()).await.unwrap_err();
    assert!(error.message().contains("`sslmode`"), "{error}");
}
