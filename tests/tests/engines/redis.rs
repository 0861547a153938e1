//! What is true of the engine on Redis alone.

use std::process::Command;
use std::time::Duration;

use mcp_server_core::store::{Event, Expect, Keep, Offset, Put, StoreError, StoreErrorKind, Subscription, open};
use mcp_server_tests::services::Redis;

/// Tries until a store answers again, which it must within the limit of the test's patience.
async fn again<T>(mut attempt: impl AsyncFnMut() -> Result<T, StoreError>) -> T {
    let patience = async {
        loop {
            match attempt().await {
                Ok(done) => return done,
                Err(error) => assert_eq!(error.kind(), StoreErrorKind::Unavailable, "{error:?}"),
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(30), patience).await.expect("the store answers again")
}

async fn next(subscription: &mut Subscription) -> Event {
    let event = tokio::time::timeout(Duration::from_secs(30), subscription.recv()).await;
    event.expect("an event comes").expect("the subscription goes on")
}

/// What is said of a refusal at the start for which somebody has to change something.
async fn refused(url: &str) -> String {
    said(url, StoreErrorKind::Misconfigured).await
}

/// What is said of a refusal at the start that may pass by itself.
async fn unreachable(url: &str) -> String {
    said(url, StoreErrorKind::Unavailable).await
}

/// What is said of a refusal at the start, which is of this kind and holds no password.
async fn said(url: &str, kind: StoreErrorKind) -> String {
    let error = open(url).await.expect_err("it is refused");
    assert_eq!(error.kind(), kind, "{error:?}");
    let (shown, inside) = (error.to_string(), format!("{error:?}"));
    assert!(!shown.contains("hunter") && !inside.contains("hunter"), "{shown} {inside}");
    shown
}

#[tokio::test]
async fn a_wrong_password_is_named_and_not_shown() {
    let Some(server) = Redis::start_with(&["--requirepass", "hunter2"]) else { return };
    let place = server.address();
    let wrong = refused(&format!("redis://:hunter3@{place}")).await;
    assert!(wrong.contains("refuses the password") && wrong.contains(&place.to_string()), "{wrong}");
    let none = refused(&format!("redis://{place}")).await;
    assert!(none.contains("wants a password"), "{none}");
    let store = open(&format!("redis://:hunter2@{place}")).await.unwrap();
    store.ping().await.unwrap();
    assert!(!format!("{store:?}").contains("hunter"), "{store:?}");
}

#[tokio::test]
async fn what_does_not_answer_is_named() {
    let Some(server) = Redis::start() else { return };
    let url = server.url();
    let tls = unreachable(&url.replace("redis:", "rediss:")).await;
    assert!(tls.contains("speaks TLS"), "{tls}");
    server.pause();
    let halted = unreachable(&url).await;
    assert!(halted.contains("did not answer in time"), "{halted}");
    server.kill();
    let nobody = unreachable(&url).await;
    assert!(nobody.contains("nothing listens there"), "{nobody}");
}

#[tokio::test]
async fn a_certificate_is_verified() {
    let Some(server) = Redis::start_tls() else { return };
    let untrusted = refused(&server.tls_url()).await;
    assert!(untrusted.contains("certificate is not accepted"), "{untrusted}");
    // The roots are those of the process, so it takes another one to trust this certificate.
    let mut trusting = Command::new(env!("CARGO_BIN_EXE_counter-under-test"));
    trusting.args([&server.tls_url(), "count", "3"]).env("SSL_CERT_FILE", server.certificate());
    assert!(trusting.status().unwrap().success());
    assert_eq!(open(&server.url()).await.unwrap().get("count").await.unwrap().unwrap().value, "3");
}

#[tokio::test]
async fn a_replica_is_refused() {
    let Some(primary) = Redis::start() else { return };
    let Some(replica) = Redis::start_with(&["--replicaof", &primary.address().to_string().replace(':', " ")]) else {
        return;
    };
    // It may become the primary.
    let why = unreachable(&replica.url()).await;
    assert!(why.contains("a replica"), "{why}");
}

#[tokio::test]
async fn prefixes_and_databases_are_apart() {
    let Some(server) = Redis::start() else { return };
    let url = server.url();
    let mut stores = Vec::new();
    for rest in ["/0", "/1", "/0?prefix=other", "/1?prefix=other"] {
        stores.push(open(&format!("{url}{rest}")).await.unwrap());
    }
    let mut listeners = Vec::new();
    for store in &stores {
        listeners.push(store.subscribe("topic", 8).await.unwrap());
    }
    for (number, store) in (0_u8..).zip(&stores) {
        let put = store.put("key", vec![number], Expect::Absent, None).await.unwrap();
        assert!(put.stored().is_some(), "the key of store {number} is taken");
        store.append("stream", vec![number], Keep::default()).await.unwrap();
        store.publish("topic", vec![number]).await.unwrap();
    }
    for ((number, store), listener) in (0_u8..).zip(&stores).zip(&mut listeners) {
        assert_eq!(store.get("key").await.unwrap().unwrap().value, [number][..]);
        assert_eq!(store.read("stream", Offset::START, 9).await.unwrap().entries.len(), 1);
        assert_eq!(next(listener).await, Event::Message(vec![number].into()));
        assert_eq!(listener.try_recv(), None);
    }
}

#[tokio::test]
async fn scripts_that_the_server_forgot_are_sent_again() {
    let Some(server) = Redis::start() else { return };
    let store = open(&server.url()).await.unwrap();
    let version = store.set("key", "1", None).await.unwrap();
    store.append("stream", "1", Keep::default()).await.unwrap();
    assert!(server.command(&["SCRIPT", "FLUSH", "SYNC"]).starts_with("+OK"));
    assert!(matches!(store.put("key", "2", Expect::Version(version), None).await.unwrap(), Put::Stored(_)));
    store.append("stream", "2", Keep::default()).await.unwrap();
    assert_eq!(store.read("stream", Offset::START, 9).await.unwrap().entries.len(), 2);
}

#[tokio::test]
async fn a_killed_server_loses_nothing_that_it_confirmed_and_is_found_again() {
    let Some(server) = Redis::start() else { return };
    let store = open(&server.url()).await.unwrap();
    let version = store.set("key", "kept", Some(Duration::from_mins(5))).await.unwrap();
    let offset = store.append("stream", "kept", Keep::default()).await.unwrap();
    let mut listener = store.subscribe("topic", 8).await.unwrap();

    server.kill();
    assert_eq!(store.get("key").await.unwrap_err().kind(), StoreErrorKind::Unavailable);
    assert_eq!(store.set("key", "x", None).await.unwrap_err().kind(), StoreErrorKind::Unavailable);
    assert_eq!(store.ping().await.unwrap_err().kind(), StoreErrorKind::Unavailable);

    server.start_again();
    again(async || store.ping().await).await;
    let kept = store.get("key").await.unwrap().unwrap();
    assert_eq!((kept.value, kept.version), ("kept".into(), version));
    let slice = store.read("stream", Offset::START, 9).await.unwrap();
    assert_eq!(slice.entries.iter().map(|entry| entry.offset).collect::<Vec<_>>(), [offset]);
    assert!(!slice.lost);

    assert_eq!(next(&mut listener).await, Event::Missed(1));
    store.publish("topic", "after").await.unwrap();
    assert_eq!(next(&mut listener).await, Event::Message("after".into()));
    let mut late = store.subscribe("topic", 8).await.unwrap();
    store.publish("topic", "both").await.unwrap();
    for listener in [&mut listener, &mut late] {
        assert_eq!(next(listener).await, Event::Message("both".into()));
    }
}

#[tokio::test]
async fn a_halted_server_holds_nobody_up_for_long() {
    let Some(server) = Redis::start() else { return };
    let store = open(&server.url()).await.unwrap();
    store.set("key", "before", None).await.unwrap();
    server.pause();
    let everything = async {
        let all = tokio::join!(
            async { store.get("key").await.map(drop) },
            async { store.set("key", "x", None).await.map(drop) },
            async { store.append("stream", "x", Keep::default()).await.map(drop) },
            async { store.publish("topic", "x").await },
            async { store.subscribe("topic", 1).await.map(drop) },
            store.ping(),
        );
        [all.0, all.1, all.2, all.3, all.4, all.5]
    };
    // Each operation has five seconds: what hangs would hang until the server goes on, which it does not here.
    let ended = tokio::time::timeout(Duration::from_secs(20), everything).await.expect("nothing hangs");
    for result in ended {
        assert_eq!(result.unwrap_err().kind(), StoreErrorKind::Unavailable);
    }
    server.resume();
    again(async || store.ping().await).await;
    again(async || store.set("key", "after", None).await).await;
    assert_eq!(store.get("key").await.unwrap().unwrap().value, "after");
}

#[tokio::test]
async fn a_connection_that_the_server_cut_is_noticed_before_it_is_used() {
    let Some(server) = Redis::start() else { return };
    let store = open(&server.url()).await.unwrap();
    let mut listener = store.subscribe("topic", 8).await.unwrap();
    assert!(server.command(&["CLIENT", "KILL", "TYPE", "normal"]).starts_with(':'));
    assert!(server.command(&["CLIENT", "KILL", "TYPE", "pubsub"]).starts_with(':'));
    // The news of the end comes on the connection itself; the writes after it are not lost with it.
    assert_eq!(next(&mut listener).await, Event::Missed(1));
    store.set("key", "1", None).await.unwrap();
    store.publish("topic", "again").await.unwrap();
    assert_eq!(next(&mut listener).await, Event::Message("again".into()));
}

#[tokio::test]
async fn a_topic_without_subscribers_is_left() {
    let Some(server) = Redis::start() else { return };
    let store = open(&server.url()).await.unwrap();
    let first = store.subscribe("topic", 8).await.unwrap();
    let second = store.subscribe("topic", 8).await.unwrap();
    let listening = || server.command(&["PUBSUB", "CHANNELS"]).contains("topic");
    drop(first);
    assert!(listening());
    drop(second);
    while listening() {
        tokio::task::yield_now().await;
    }
    let mut third = store.subscribe("topic", 8).await.unwrap();
    store.publish("topic", "heard").await.unwrap();
    assert_eq!(next(&mut third).await, Event::Message("heard".into()));
}

#[tokio::test]
async fn a_full_server_says_so_and_still_reads() {
    let Some(server) = Redis::start() else { return };
    let store = open(&server.url()).await.unwrap();
    store.set("key", "before", None).await.unwrap();
    store.append("stream", "before", Keep::default()).await.unwrap();
    assert!(server.command(&["CONFIG", "SET", "maxmemory", "1"]).starts_with("+OK"));
    assert_eq!(store.set("key", "after", None).await.unwrap_err().kind(), StoreErrorKind::Full);
    let append = store.append("stream", "after", Keep::default()).await;
    assert_eq!(append.unwrap_err().kind(), StoreErrorKind::Full);
    assert_eq!(store.get("key").await.unwrap().unwrap().value, "before");
    assert_eq!(store.read("stream", Offset::START, 9).await.unwrap().entries.len(), 1);
    assert!(store.delete("key", None).await.unwrap());
    assert!(server.command(&["CONFIG", "SET", "maxmemory", "0"]).starts_with("+OK"));
    store.set("key", "after", None).await.unwrap();
}

#[tokio::test]
async fn a_key_of_something_else_is_told_apart() {
    let Some(server) = Redis::start() else { return };
    let store = open(&server.url()).await.unwrap();
    assert!(server.command(&["SADD", "mcp:kv:key", "theirs"]).starts_with(":1"));
    assert!(server.command(&["SET", "mcp:kv:short", "x"]).starts_with("+OK"));
    assert!(server.command(&["SET", "mcp:log:stream", "theirs"]).starts_with("+OK"));
    assert_eq!(store.get("key").await.unwrap_err().kind(), StoreErrorKind::Corrupt);
    assert_eq!(store.get("short").await.unwrap_err().kind(), StoreErrorKind::Corrupt);
    assert_eq!(store.read("stream", Offset::START, 9).await.unwrap_err().kind(), StoreErrorKind::Corrupt);
}
