//! Sessions: found, changed, ended, asked and cancelled across replicas.

use std::collections::HashSet;
use std::time::Duration;

use bytes::Bytes;

use super::{LIFE, Node, me, two};
use crate::protocol::jsonrpc::Response;
use crate::protocol::{LogLevel, RequestId};
use crate::session::opening::OpenError;
use crate::session::peers::TOPIC;
use crate::session::{Session, SessionChange, SessionLimits};
use crate::store::Store;
use crate::tool::{ClientAnswer, Question};

async fn set_level(node: &Node, session: &Session, level: LogLevel) {
    node.sessions.apply(session, &SessionChange::SetLogLevel(level)).await.unwrap();
}

async fn subscribe(node: &Node, session: &Session, uri: &str) {
    node.sessions.apply(session, &SessionChange::Subscribe(uri.into())).await.unwrap();
}

async fn question(node: &Node, session: &std::sync::Arc<Session>) -> Question {
    let caller = node.sessions.caller(session, me());
    caller.link.unwrap().open(Duration::from_mins(1)).await.unwrap()
}

fn answer(id: &RequestId, outcome: Result<&'static str, &'static str>) -> Response {
    let outcome: ClientAnswer = outcome.map(Bytes::from).map_err(Bytes::from);
    Response { id: id.clone(), outcome }
}

#[tokio::test(start_paused = true)]
async fn sc9_a_session_opened_on_one_replica_is_used_on_the_other() {
    let (one, two) = two().await;
    let session = one.open().await;
    let there = two.same(&session).await.unwrap();
    assert_eq!(there.revision(), session.revision());
    assert!(two.has(&session), "and found without the store from then on");
}

#[tokio::test(start_paused = true)]
async fn e16_an_ended_session_is_gone_everywhere_when_it_has_ended() {
    let (one, two) = two().await;
    let session = one.open().await;
    let there = two.same(&session).await.unwrap();
    let hold = there.begin(&RequestId::number(1)).unwrap();
    one.sessions.remove(&session).await.unwrap();
    assert!(!two.has(&session), "no look into the store is needed to know it");
    assert!(two.same(&session).await.is_none());
    hold.cancelled().await;
}

#[tokio::test(start_paused = true)]
async fn e06_what_one_replica_changes_the_other_has() {
    let (one, two) = two().await;
    let session = one.open().await;
    let there = two.same(&session).await.unwrap();
    set_level(&one, &session, LogLevel::Error).await;
    subscribe(&one, &session, "x://a").await;
    let again = two.same(&session).await.unwrap();
    assert!(std::sync::Arc::ptr_eq(&there, &again), "the running one is brought up to date");
    assert_eq!((again.log_level(), again.subscriptions()), (LogLevel::Error, vec!["x://a".to_owned()]));
}

#[tokio::test(start_paused = true)]
async fn changes_of_two_replicas_at_once_both_count() {
    let (one, two) = two().await;
    let here = one.open().await;
    let there = two.same(&here).await.unwrap();
    tokio::join!(set_level(&one, &here, LogLevel::Alert), subscribe(&two, &there, "x://b"));
    for node in [&one, &two] {
        let session = node.same(&here).await.unwrap();
        assert_eq!((session.log_level(), session.subscriptions()), (LogLevel::Alert, vec!["x://b".to_owned()]));
    }
}

#[tokio::test(start_paused = true)]
async fn a_session_that_many_replicas_use_has_one_seat_among_its_owners() {
    let store = Store::memory();
    let limits = SessionLimits { max_per_principal: 2, ..SessionLimits::default() };
    let (one, two) = (Node::with(&store, limits.clone()).await, Node::with(&store, limits).await);
    let here = one.open().await;
    let there = two.same(&here).await.unwrap();
    for _ in 0..3 {
        one.sessions.apply(&here, &SessionChange::Renew).await.unwrap();
        two.sessions.apply(&there, &SessionChange::Renew).await.unwrap();
    }
    one.sessions.set_used(&here);
    let second = two.sessions.open(super::hello(), &me()).await.unwrap();
    two.sessions.set_used(&second);
    // Both uses are written down beside the requests.
    tokio::time::sleep(Duration::from_millis(1)).await;
    assert!(matches!(one.sessions.open(super::hello(), &me()).await, Err(OpenError::Full { limit: 2, .. })));
    two.sessions.remove(&there).await.unwrap();
    two.sessions.remove(&second).await.unwrap();
    for node in [&one, &two] {
        node.sessions.open(super::hello(), &me()).await.expect("both seats were given back");
    }
}

#[tokio::test(start_paused = true)]
async fn sl10_a_session_that_another_replica_may_use_is_not_given_up() {
    let store = Store::memory();
    let limits = SessionLimits { max_per_principal: 1, ..SessionLimits::default() };
    let one = Node::with(&store, limits.clone()).await;
    let two = Node::with(&store, limits).await;
    let session = one.open().await;
    let there = two.same(&session).await.unwrap();
    two.sessions.apply(&there, &SessionChange::SetLogLevel(LogLevel::Error)).await.unwrap();
    tokio::time::advance(Duration::from_mins(5)).await;
    assert!(two.same(&session).await.is_some(), "two uses it, and does not write that down each time");
    assert!(matches!(one.sessions.open(super::hello(), &me()).await, Err(OpenError::Full { limit: 1, .. })));
    tokio::time::advance(Duration::from_mins(20)).await;
    one.sessions.open(super::hello(), &me()).await.expect("nobody has used it for long");
    // The peer is told, and not waited for.
    tokio::time::sleep(Duration::from_millis(1)).await;
    assert!(two.same(&session).await.is_none());
}

#[tokio::test(start_paused = true)]
async fn what_was_not_heard_is_looked_up_before_a_session_is_used_again() {
    let store = Store::memory();
    let (one, two) = (Node::start(&store).await, Node::start(&store).await);
    let session = one.open().await;
    two.same(&session).await.unwrap();
    // Two is cut off while one ends the session; then it learns that it was.
    let Node { attached, sessions, replica } = two;
    drop(attached);
    replica.leave().await.unwrap();
    one.sessions.remove(&session).await.unwrap();
    assert!(sessions.cached(&session.id(), &me()).is_some());
    sessions.on_gap();
    assert!(sessions.cached(&session.id(), &me()).is_none());
    assert!(sessions.find(&session.id(), &me()).await.unwrap().is_none());
}

#[tokio::test(start_paused = true)]
async fn a_message_that_is_none_does_no_harm() {
    let store = Store::memory();
    let (one, two) = (Node::start(&store).await, Node::start(&store).await);
    store.publish(TOPIC, "{").await.unwrap();
    store.publish(&one.sessions.peers.confirmations(), "?").await.unwrap();
    let session = one.open().await;
    two.same(&session).await.unwrap();
    one.sessions.remove(&session).await.unwrap();
    assert!(!two.has(&session));
}

#[tokio::test(start_paused = true)]
async fn a_dead_replica_holds_nobody_up_for_long() {
    let (one, two) = two().await;
    let session = one.open().await;
    // Killed: it leaves no word, and its lease runs out.
    drop(two);
    tokio::time::timeout(LIFE * 10, one.sessions.remove(&session)).await.unwrap().unwrap();
    let other = one.open().await;
    tokio::time::timeout(LIFE * 10, one.sessions.remove(&other)).await.unwrap().unwrap();
}

#[tokio::test(start_paused = true)]
async fn e48_a_cancellation_reaches_the_replica_that_runs_the_call() {
    let (one, two) = two().await;
    let session = one.open().await;
    let there = two.same(&session).await.unwrap();
    let running = session.begin(&RequestId::number(7)).unwrap();
    let other = session.begin(&RequestId::number(8)).unwrap();
    two.sessions.cancel(&there, &RequestId::number(7)).await;
    running.cancelled().await;
    assert!(tokio::time::timeout(Duration::ZERO, other.cancelled()).await.is_err());
}

#[tokio::test(start_paused = true)]
async fn h31_an_answer_on_another_replica_reaches_who_asked_once() {
    let (one, two) = two().await;
    let session = one.open().await;
    let there = two.same(&session).await.unwrap();
    let asked = question(&one, &session).await;
    two.sessions.answer(&there, answer(&asked.id, Ok("1"))).await.unwrap();
    two.sessions.answer(&there, answer(&asked.id, Ok("2"))).await.unwrap();
    assert_eq!(asked.answer.await.unwrap().unwrap(), "1");
    let refused = question(&one, &session).await;
    two.sessions.answer(&there, answer(&refused.id, Err("{}"))).await.unwrap();
    assert_eq!(refused.answer.await.unwrap().unwrap_err(), "{}");
}

#[tokio::test(start_paused = true)]
async fn an_answer_is_found_by_who_asked_even_if_nobody_tells() {
    let store = Store::memory();
    let (one, two) = (Node::start(&store).await, Node::start(&store).await);
    let session = one.open().await;
    let there = two.same(&session).await.unwrap();
    let asked = question(&one, &session).await;
    drop(one.attached);
    two.sessions.answer(&there, answer(&asked.id, Ok("1"))).await.unwrap();
    assert_eq!(asked.answer.await.unwrap().unwrap(), "1");
}

#[tokio::test(start_paused = true)]
async fn an_answer_that_nobody_waits_for_is_passed_over() {
    let (one, two) = two().await;
    let (session, other) = (one.open().await, one.open().await);
    let there = two.same(&other).await.unwrap();
    let mut asked = question(&one, &session).await;
    two.sessions.answer(&there, answer(&asked.id, Ok("foreign"))).await.unwrap();
    for invented in ["1", "\"x\"", "-5", "99999999999999999999999"] {
        let id = RequestId::from_json(&Bytes::from(invented)).unwrap();
        two.sessions.answer(&there, answer(&id, Ok("invented"))).await.unwrap();
    }
    assert!(asked.answer.try_recv().is_err());
    one.sessions.answer(&session, answer(&asked.id, Ok("right"))).await.unwrap();
    assert_eq!(asked.answer.await.unwrap().unwrap(), "right");
}

#[tokio::test(start_paused = true)]
async fn questions_of_two_replicas_have_different_ids_that_json_keeps() {
    let (one, two) = two().await;
    let session = one.open().await;
    let there = two.same(&session).await.unwrap();
    let mut seen = HashSet::new();
    for _ in 0..20 {
        for id in [question(&one, &session).await.id, question(&two, &there).await.id] {
            let number: u64 = id.as_json().parse().unwrap();
            assert!(number < 1 << 53 && seen.insert(number));
        }
    }
}
