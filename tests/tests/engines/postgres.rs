//! What is true of the engine on PostgreSQL alone.

use std::error::Error;
use std::future::Future;
use std::time::{Duration, Instant};

use futures_util::future::join_all;
use mcp_server_core::store::{Event, Expect, Keep, Offset, Put, Store, StoreError, StoreErrorKind, open};
use mcp_server_tests::services::Postgres;

use super::subjects::POSTGRES;

/// The store in a schema of its own on the shared server.
async fn on(server: &Postgres, schema: &str) -> Store {
    open(&url(server, schema)).await.unwrap()
}

fn url(server: &Postgres, schema: &str) -> String {
    format!("{}?schema={schema}", server.url())
}

/// Everything that is said of a refusal at the start for which somebody has to change something.
async fn refused(url: &str) -> String {
    said(url, StoreErrorKind::Misconfigured).await
}

/// Everything that is said of a refusal at the start that may pass by itself.
async fn unreachable(url: &str) -> String {
    said(url, StoreErrorKind::Unavailable).await
}

/// Everything that is said of a refusal at the start, which is of this kind and holds no password.
async fn said(url: &str, kind: StoreErrorKind) -> String {
    let error = open(url).await.unwrap_err();
    assert_eq!(error.kind(), kind, "{error}");
    let (mut said, mut cause) = (error.to_string(), error.source());
    while let Some(below) = cause {
        said = format!("{said}: {below}");
        cause = below.source();
    }
    assert!(!said.contains("hunter2") && !format!("{error:?}").contains("hunter2"), "{said}");
    said
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn replicas_that_start_together_make_the_tables_once() {
    let Some(server) = &*POSTGRES else { return };
    for turn in 0..3 {
        let url = url(server, &format!("together_{turn}"));
        let opened = join_all((0..8).map(|_| {
            tokio::spawn({
                let url = url.clone();
                async move { open(&url).await }
            })
        }))
        .await;
        for store in opened {
            let store = store.unwrap().unwrap();
            store.append("stream", "entry", Keep::default()).await.unwrap();
        }
        assert_eq!(server.execute(&format!("SELECT step FROM together_{turn}.migration")), "1");
        assert_eq!(server.execute(&format!("SELECT count(*) FROM together_{turn}.entry")), "8");
    }
}

#[tokio::test]
async fn tables_of_a_newer_version_are_refused_by_name() {
    let Some(server) = &*POSTGRES else { return };
    on(server, "newer").await.close().await.unwrap();
    server.execute("INSERT INTO newer.migration (step) VALUES (99)");
    let said = refused(&url(server, "newer")).await;
    assert!(said.contains("newer version") && said.contains("`newer`") && said.contains("99"), "{said}");
}

#[tokio::test]
async fn a_schema_of_something_else_is_left_alone() {
    let Some(server) = &*POSTGRES else { return };
    server.execute("CREATE SCHEMA theirs; CREATE TABLE theirs.kv (theirs text)");
    let said = refused(&url(server, "theirs")).await;
    assert!(said.contains("tables of something else"), "{said}");
    assert_eq!(server.execute("SELECT count(*) FROM pg_tables WHERE schemaname = 'theirs'"), "1");
}

#[tokio::test]
async fn a_wrong_password_is_named_and_not_repeated() {
    let Some(server) = &*POSTGRES else { return };
    server.execute("CREATE ROLE locked LOGIN PASSWORD 'right'");
    let place = format!("127.0.0.1:{}/postgres", server.port());
    let with = |password: &str| format!("postgres://{}:{password}@{place}?schema=locked_away", Postgres::LOCKED);
    let said = refused(&with("hunter2")).await;
    assert!(said.contains(&place) && said.contains("`locked`") && said.contains("password"), "{said}");

    let said = refused(&with("right")).await;
    assert!(
        said.contains("lacks a right") && said.contains("CREATE SCHEMA locked_away AUTHORIZATION locked"),
        "{said}"
    );
    server.execute("CREATE SCHEMA locked_away AUTHORIZATION locked");
    open(&with("right")).await.unwrap().set("key", "value", None).await.unwrap();
}

#[tokio::test]
async fn tables_without_the_right_to_change_them_are_refused() {
    let Some(server) = &*POSTGRES else { return };
    on(server, "watched").await.close().await.unwrap();
    server.execute("CREATE ROLE watcher LOGIN; GRANT USAGE ON SCHEMA watched TO watcher");
    let url = format!("{}?schema=watched", server.url_of("watcher"));
    let said = refused(&url).await;
    assert!(said.contains("`watcher` lacks a right"), "{said}");
    server.execute("GRANT SELECT ON ALL TABLES IN SCHEMA watched TO watcher");
    let said = refused(&url).await;
    assert!(said.contains("may not change the tables in `watched`"), "{said}");
    server.execute("GRANT INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA watched TO watcher");
    let store = open(&url).await.unwrap();
    store.append("stream", "entry", Keep::default()).await.unwrap();
    store.set("key", "value", None).await.unwrap();
}

#[tokio::test]
async fn what_is_out_of_reach_is_named() {
    let said = unreachable("postgres://app:hunter2@nowhere.invalid/state").await;
    assert!(said.contains("nowhere.invalid:5432/state") && said.contains("check the host and the port"), "{said}");
    let said = unreachable("postgres://app:hunter2@127.0.0.1:1/state").await;
    assert!(said.contains("127.0.0.1:1/state") && said.contains("check the host and the port"), "{said}");
    let Some(server) = &*POSTGRES else { return };
    let said = refused(&format!("postgres://postgres:hunter2@127.0.0.1:{}/nothing", server.port())).await;
    assert!(said.contains("no such database"), "{said}");
}

#[tokio::test]
async fn a_database_that_cannot_hold_all_names_is_refused() {
    let Some(server) = &*POSTGRES else { return };
    server.execute("CREATE DATABASE latin ENCODING 'LATIN1' LC_COLLATE 'C' LC_CTYPE 'C' TEMPLATE template0");
    let said = refused(&server.url().replace("/postgres", "/latin").replace("//latin@", "//postgres@")).await;
    assert!(said.contains("ENCODING 'UTF8'"), "{said}");
}

#[tokio::test]
async fn a_database_that_can_only_be_read_is_refused() {
    let Some(server) = &*POSTGRES else { return };
    server.execute("CREATE ROLE reader LOGIN; ALTER ROLE reader SET default_transaction_read_only = on");
    // As a standby is, which may become the primary.
    let said = unreachable(&server.url_of("reader")).await;
    assert!(said.contains("name the primary"), "{said}");
}

#[tokio::test]
async fn schemas_do_not_see_each_other() {
    let Some(server) = &*POSTGRES else { return };
    let (one, other) = (on(server, "one").await, on(server, "other").await);
    one.set("key", "one", None).await.unwrap();
    one.append("stream", "one", Keep::default()).await.unwrap();
    let (mut here, mut there) = (one.subscribe("topic", 8).await.unwrap(), other.subscribe("topic", 8).await.unwrap());
    one.publish("topic", "one").await.unwrap();
    other.publish("topic", "other").await.unwrap();
    assert_eq!(here.recv().await, Some(Event::Message("one".into())));
    assert_eq!(there.recv().await, Some(Event::Message("other".into())));
    assert!(other.get("key").await.unwrap().is_none());
    assert!(other.read("stream", Offset::START, 10).await.unwrap().entries.is_empty());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn connections_are_bounded_and_kept() {
    let Some(server) = &*POSTGRES else { return };
    let url = format!("{}&connections=3&application_name=bounded", url(server, "bounded"));
    let store = open(&url).await.unwrap();
    let writes = join_all((0..100).map(|number| {
        let store = store.clone();
        tokio::spawn(async move { store.set(&format!("{}", number % 7), "value", None).await })
    }));
    assert!(writes.await.into_iter().all(|write| write.unwrap().is_ok()));
    let count = "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'bounded'";
    assert_eq!(server.execute(count), "4", "three that work and one that listens");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn connections_that_are_cut_are_replaced() {
    let Some(server) = &*POSTGRES else { return };
    let store = open(&format!("{}&application_name=cut", url(server, "cut"))).await.unwrap();
    let mut listener = store.subscribe("topic", 8).await.unwrap();
    for _ in 0..3 {
        store.set("key", "value", None).await.unwrap();
        server.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'cut'");
        // A read is tried again by itself.
        assert!(store.get("key").await.unwrap().is_some());
        assert!(matches!(listener.recv().await, Some(Event::Missed(_))));
        store.publish("topic", "again").await.unwrap();
        assert_eq!(listener.recv().await, Some(Event::Message("again".into())));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_silent_server_holds_nobody_and_is_found_again() {
    let Some(server) = Postgres::start() else { return };
    let store = open(&format!("{}?connections=2", server.url())).await.unwrap();
    store.set("key", "value", None).await.unwrap();
    let _listener = store.subscribe("topic", 8).await.unwrap();

    server.pause();
    let begun = Instant::now();
    let ended = join_all((0..20).map(|number| {
        let store = store.clone();
        tokio::spawn(async move {
            match number % 4 {
                0 => store.get("key").await.map(drop),
                1 => store.append("stream", "entry", Keep::default()).await.map(drop),
                2 => store.publish("topic", "message").await,
                _ => store.ping().await,
            }
        })
    }))
    .await;
    let refused = open(&server.url()).await;
    let took = begun.elapsed();
    server.resume();
    for end in ended {
        assert_eq!(end.unwrap().unwrap_err().kind(), StoreErrorKind::Unavailable);
    }
    assert_eq!(refused.unwrap_err().kind(), StoreErrorKind::Unavailable);
    assert!(took < Duration::from_mins(1), "it took {took:?}");
    until(|| store.ping()).await;
    assert!(until(|| store.get("key")).await.is_some());
    until(|| store.append("stream", "entry", Keep::default())).await;
}

/// Tries until it succeeds.
async fn until<T, R: Future<Output = Result<T, StoreError>>>(work: impl Fn() -> R) -> T {
    let begun = Instant::now();
    loop {
        match work().await {
            Ok(done) => return done,
            Err(error) => assert!(begun.elapsed() < Duration::from_mins(1), "{error}"),
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn work_given_up_midway_leaves_no_trace() {
    let Some(server) = &*POSTGRES else { return };
    let store = open(&format!("{}&connections=2", url(server, "given_up"))).await.unwrap();
    for turn in 0..40_u32 {
        let mut append = Box::pin(store.append("stream", "given up", Keep::default()));
        for _ in 0..turn {
            if futures_util::poll!(&mut append).is_ready() {
                break;
            }
            tokio::task::yield_now().await;
        }
        drop(append);
        let offset = store.append("stream", "kept", Keep::default()).await.unwrap();
        let slice = store.read("stream", Offset::START, 1_000).await.unwrap();
        assert!(slice.entries.iter().any(|entry| entry.offset == offset && entry.data == "kept"));
        let offsets: Vec<u64> = slice.entries.iter().map(|entry| entry.offset.as_u64()).collect();
        assert!(offsets.windows(2).all(|pair| pair[1] == pair[0] + 1), "{offsets:?}");
    }
}

#[tokio::test]
async fn expired_rows_leave_the_tables_with_later_writes() {
    let Some(server) = &*POSTGRES else { return };
    let store = on(server, "swept").await;
    let keep = Keep { age: Duration::from_millis(1), ..Keep::default() };
    for number in 0..40 {
        store.set(&number.to_string(), "x", Some(keep.age)).await.unwrap();
        store.append(&number.to_string(), "x", keep).await.unwrap();
    }
    let left = "SELECT (SELECT count(*) FROM swept.kv), (SELECT count(*) FROM swept.stream), \
                (SELECT count(*) FROM swept.entry)";
    let begun = Instant::now();
    while server.execute(left) != "1|0|0" {
        assert!(begun.elapsed() < Duration::from_secs(30), "left: {}", server.execute(left));
        store.set("one", "x", None).await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_lease_has_one_holder() {
    let Some(server) = &*POSTGRES else { return };
    let replicas = join_all((0..4).map(|_| on(server, "lease"))).await;
    let claims = replicas.iter().cycle().take(32).map(|store| {
        let store = store.clone();
        tokio::spawn(async move { store.put("lease", "mine", Expect::Absent, None).await })
    });
    let won = join_all(claims).await.into_iter().filter(|put| matches!(put, Ok(Ok(Put::Stored(_))))).count();
    assert_eq!(won, 1);
}

#[tokio::test]
async fn what_has_expired_goes_without_writes() {
    let Some(server) = &*POSTGRES else { return };
    let engine = mcp_server_core::store::Postgres::open(&url(server, "swept")).await.unwrap();
    server.execute(
        "INSERT INTO swept.kv SELECT 'dead/' || n, '', n, 1 FROM generate_series(1, 5000) n;
         INSERT INTO swept.kv VALUES ('alive', '', 1, NULL)",
    );
    mcp_server_core::store::Engine::sweep(&engine).await.unwrap();
    assert_eq!(server.execute("SELECT count(*), min(key) FROM swept.kv"), "1|alive");
}
