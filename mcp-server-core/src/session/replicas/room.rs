//! Room: which session gives way, for how long one is served without the store, and what ends by itself.

use std::sync::Arc;
use std::time::Duration;

use super::{Node, hello, me};
use crate::model_tests::World;
use crate::principal::Principal;
use crate::protocol::LogLevel;
use crate::session::opening::OpenError;
use crate::session::{Session, SessionChange, SessionLimits, Sessions};
use crate::store::{Memory, Store};

const IDLE: Duration = Duration::from_mins(30);

fn limits(max: u32, of_one: u32) -> SessionLimits {
    SessionLimits { max, max_per_principal: of_one, idle_timeout: IDLE, ..SessionLimits::default() }
}

fn somebody(number: u32) -> Principal {
    Principal::new("issuer", &number.to_string(), ["a"])
}

/// Uses a session as a request does, and has the store know.
async fn used(sessions: &Arc<Sessions>, session: &Session) {
    sessions.apply(session, &SessionChange::SetLogLevel(LogLevel::Error)).await.unwrap();
}

fn retry_after(opened: Result<Arc<Session>, OpenError>) -> Duration {
    match opened {
        Err(OpenError::Full { retry_after, .. }) => retry_after,
        other => panic!("{other:?}"),
    }
}

#[tokio::test(start_paused = true)]
async fn sessions_that_did_nothing_but_open_give_way_at_once_the_oldest_first() {
    for shared in [false, true] {
        let store = Store::memory();
        let sessions = if shared {
            Node::with(&store, limits(50, 3)).await.sessions
        } else {
            Sessions::alone(store, limits(50, 3))
        };
        let mut opened = Vec::new();
        for _ in 0..9 {
            tokio::time::advance(Duration::from_millis(3)).await;
            opened.push(sessions.open(hello(), &me()).await.unwrap());
        }
        let open: Vec<bool> = opened.iter().map(|session| !session.is_closed()).collect();
        assert_eq!(open, [false, false, false, false, false, false, true, true, true]);
        used(&sessions, &opened[6]).await;
        sessions.open(hello(), &me()).await.unwrap();
        assert!(!opened[6].is_closed() && opened[7].is_closed(), "one that was used stays");
    }
}

#[tokio::test(start_paused = true)]
async fn the_idlest_session_gives_way_though_the_replica_knows_none_of_them() {
    for (of_all, of_one) in [(4, 100), (100, 4)] {
        let store = Store::memory();
        let one = Node::with(&store, limits(of_all, of_one)).await;
        let mut sessions = Vec::new();
        for _ in 0..4 {
            let session = one.sessions.open(hello(), &me()).await.unwrap();
            used(&one.sessions, &session).await;
            sessions.push(session);
            tokio::time::advance(Duration::from_mins(1)).await;
        }
        used(&one.sessions, &sessions[0]).await;
        let fresh = Node::with(&store, limits(of_all, of_one)).await;
        let wait = retry_after(fresh.sessions.open(hello(), &me()).await);
        assert!(wait > Duration::from_mins(1) && wait < IDLE, "{wait:?}");
        tokio::time::advance(wait + Duration::from_millis(1)).await;
        fresh.sessions.open(hello(), &me()).await.expect("there is room when it was promised");
        let left = [one_is_left(&one, &sessions[0]).await, one_is_left(&one, &sessions[1]).await];
        assert_eq!(left, [true, false], "the one that was idle for longest");
    }
}

async fn one_is_left(node: &Node, session: &Session) -> bool {
    node.same(session).await.is_some()
}

#[tokio::test(start_paused = true)]
async fn a_full_account_takes_no_place_of_others() {
    let store = Store::memory();
    let sessions = Sessions::alone(store, limits(4, 2));
    let mut of_others = Vec::new();
    for number in 0..2 {
        let session = sessions.open(hello(), &somebody(number)).await.unwrap();
        used(&sessions, &session).await;
        of_others.push(session);
    }
    for _ in 0..20 {
        sessions.open(hello(), &me()).await.unwrap();
    }
    assert!(of_others.iter().all(|session| !session.is_closed()));
}

#[tokio::test(start_paused = true)]
async fn a_stale_slot_of_an_account_is_found_and_used() {
    let store = Store::memory();
    let sessions = Sessions::alone(store.clone(), limits(50, 2));
    for _ in 0..2 {
        let session = sessions.open(hello(), &me()).await.unwrap();
        used(&sessions, &session).await;
        // Ended by a process that died before it gave the slot back.
        store.delete(&format!("session/{}", session.id.number), None).await.unwrap();
    }
    sessions.open(hello(), &me()).await.expect("the slots belong to nobody");
}

#[tokio::test(start_paused = true)]
async fn a_replica_that_is_cut_off_serves_no_session_after_one_and_a_half_leases() {
    let world = World::new(Arc::new(Memory::new()), 1, Duration::from_secs(1));
    let (one, two) = (world.start(limits(9, 9)).await, world.start(limits(9, 9)).await);
    let session = one.sessions.open(hello(), &me()).await.unwrap();
    let id = session.id();
    let there = two.sessions.find(&id, &me()).await.unwrap().unwrap();
    two.link.pause();
    one.sessions.remove(&session).await.unwrap();
    let cut_off = tokio::time::Instant::now();
    while cut_off.elapsed() < Duration::from_secs(8) {
        assert!(two.sessions.find(&id, &me()).await.unwrap().is_some(), "it may not know yet");
        tokio::time::sleep(Duration::from_secs(1)).await;
    }
    tokio::time::sleep(Duration::from_secs(2)).await;
    assert!(two.sessions.cached(&id, &me()).is_none());
    let refused = two.sessions.find(&id, &me()).await.expect_err("not known, which is not lost");
    assert!(refused.is_retryable());
    two.link.resume();
    two.store.ping().await.unwrap();
    assert!(two.sessions.find(&id, &me()).await.unwrap().is_none());
    drop(there);
}

#[tokio::test(start_paused = true)]
async fn idle_sessions_end_without_a_request() {
    for idle in [Duration::from_secs(1), Duration::from_mins(30)] {
        let sessions = Sessions::alone(Store::memory(), SessionLimits { idle_timeout: idle, ..limits(3_000, 3_000) });
        let _attached = sessions.attach().await.unwrap();
        for number in 0..2_500 {
            let session = sessions.open(hello(), &somebody(number)).await.unwrap();
            sessions.set_used(&session);
        }
        let used = sessions.open(hello(), &me()).await.unwrap();
        let streaming = used.hold();
        assert_eq!(sessions.len(), 2_501);
        tokio::time::sleep(idle + idle / 8 + Duration::from_secs(1)).await;
        assert_eq!(sessions.len(), 1, "an open stream is use");
        drop(streaming);
    }
}
