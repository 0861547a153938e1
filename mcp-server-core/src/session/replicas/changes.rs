//! Changes: confirmed when stored, on every replica, whatever else is read or written at the same time.

use std::time::Duration;

use futures_util::future::join_all;

use super::{Node, hello, me, two};
use crate::protocol::LogLevel;
use crate::session::stored::Stored;
use crate::session::{Session, SessionChange, SessionError, SessionLimits, Sessions};
use crate::store::contract::Interruptible;
use crate::store::{Memory, Store};

fn subscribe(uri: &str) -> SessionChange {
    SessionChange::Subscribe(uri.into())
}

fn level(level: LogLevel) -> SessionChange {
    SessionChange::SetLogLevel(level)
}

async fn record(store: &Store, session: &Session) -> (u64, LogLevel, Vec<String>) {
    let stored = Stored::load(store, &session.id).await.unwrap().unwrap();
    let record = stored.record();
    let uris = record.subscriptions.iter().map(ToString::to_string).collect();
    (record.sequence, record.log_level.unwrap_or(LogLevel::Info), uris)
}

#[tokio::test(start_paused = true)]
async fn a_read_that_began_before_a_change_and_ends_after_it_undoes_nothing() {
    let (one, _two) = two().await;
    let session = one.open().await;
    let late = Stored::load(&one.sessions.store, &session.id).await.unwrap().unwrap();
    one.sessions.apply(&session, &level(LogLevel::Error)).await.unwrap();
    one.sessions.apply(&session, &subscribe("x://a")).await.unwrap();
    session.advance(late);
    assert_eq!((session.log_level(), session.subscriptions()), (LogLevel::Error, vec!["x://a".to_owned()]));
}

#[tokio::test(start_paused = true)]
async fn a_change_after_idle_time_holds_on_every_replica_from_then_on() {
    for idle in [1, 9, 11, 15, 200] {
        let (one, two) = two().await;
        let session = one.open().await;
        let there = two.same(&session).await.unwrap();
        tokio::time::advance(Duration::from_secs(idle)).await;
        // A request looks the session up, which has its record read again beside the change.
        let session = one.same(&session).await.unwrap();
        let (first, second) = (level(LogLevel::Alert), subscribe("x://a"));
        let changes = [one.sessions.apply(&session, &first), one.sessions.apply(&session, &second)];
        join_all(changes).await.into_iter().for_each(Result::unwrap);
        for _ in 0..5 {
            tokio::time::sleep(Duration::from_secs(7)).await;
            for (node, session) in [(&one, &session), (&two, &there)] {
                let session = node.same(session).await.unwrap();
                let seen = (session.log_level(), session.subscriptions());
                assert_eq!(seen, (LogLevel::Alert, vec!["x://a".to_owned()]), "idle for {idle} s");
            }
        }
    }
}

#[tokio::test(start_paused = true)]
async fn many_changes_at_once_on_two_replicas_are_all_stored() {
    let (one, two) = two().await;
    let here = one.open().await;
    let there = two.same(&here).await.unwrap();
    let changes: Vec<_> = (0..40).map(|number| subscribe(&format!("x://{number}"))).collect();
    let applied = changes.iter().enumerate().map(|(index, change)| {
        let (node, session) = if index % 2 == 0 { (&one, &here) } else { (&two, &there) };
        node.sessions.apply(session, change)
    });
    join_all(applied).await.into_iter().for_each(Result::unwrap);
    let (_, _, stored) = record(&one.sessions.store, &here).await;
    assert_eq!(stored.len(), 40);
    for (node, session) in [(&one, &here), (&two, &there)] {
        assert_eq!(node.same(session).await.unwrap().subscriptions().len(), 40);
    }
}

#[tokio::test(start_paused = true)]
async fn a_change_that_a_peer_made_room_for_is_not_refused() {
    let store = Store::memory();
    let limits = SessionLimits { uris_per_subscription: 1, ..SessionLimits::default() };
    let (one, two) = (Node::with(&store, limits.clone()).await, Node::with(&store, limits).await);
    let here = one.open().await;
    let there = two.same(&here).await.unwrap();
    one.sessions.apply(&here, &subscribe("x://a")).await.unwrap();
    drop(two.attached);
    one.sessions.apply(&here, &SessionChange::Unsubscribe("x://a".into())).await.unwrap();
    two.sessions.apply(&there, &subscribe("x://b")).await.unwrap();
    let refused = one.sessions.apply(&here, &subscribe("x://c")).await;
    assert!(matches!(refused, Err(SessionError::Refused(_))), "only the record itself refuses: {refused:?}");
}

#[tokio::test(start_paused = true)]
async fn a_write_without_an_answer_is_an_error_and_the_next_request_reads_the_record() {
    let (engine, interruption) = Interruptible::over(Memory::new());
    let store = Store::new(engine).within(Duration::from_secs(2));
    let sessions = Sessions::alone(store.clone(), SessionLimits::default());
    let session = sessions.open(hello(), &me()).await.unwrap();
    interruption.hang();
    let lost = sessions.apply(&session, &level(LogLevel::Error)).await;
    assert!(matches!(&lost, Err(SessionError::Store(error)) if error.is_retryable()), "{lost:?}");
    assert_eq!(session.log_level(), LogLevel::Info, "nothing here has what is not known to be stored");
    assert!(sessions.cached(&session.id(), &me()).is_none(), "the record is read before the session is used");
    interruption.end();
    store.ping().await.unwrap();
    let found = sessions.find(&session.id(), &me()).await.unwrap().unwrap();
    assert_eq!(found.log_level(), record(&store, &session).await.1);
    sessions.apply(&found, &level(LogLevel::Error)).await.unwrap();
    assert_eq!(found.log_level(), LogLevel::Error);
}

#[tokio::test(start_paused = true)]
async fn a_change_that_is_given_up_has_the_record_read_again() {
    let (engine, interruption) = Interruptible::over(Memory::new());
    let store = Store::new(engine);
    let sessions = Sessions::alone(store, SessionLimits::default());
    let session = sessions.open(hello(), &me()).await.unwrap();
    interruption.hang();
    let change = level(LogLevel::Error);
    let given_up = tokio::time::timeout(Duration::from_millis(5), sessions.apply(&session, &change)).await;
    assert!(given_up.is_err() && sessions.cached(&session.id(), &me()).is_none());
}

#[tokio::test(start_paused = true)]
async fn a_change_of_a_session_that_has_ended_says_so() {
    let (one, two) = two().await;
    let session = one.open().await;
    let there = two.same(&session).await.unwrap();
    drop(two.attached);
    one.sessions.remove(&session).await.unwrap();
    for (node, session) in [(&one.sessions, &session), (&two.sessions, &there)] {
        let changed = node.apply(session, &level(LogLevel::Error)).await;
        assert!(matches!(changed, Err(SessionError::Ended)), "{changed:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn renewals_of_two_replicas_raise_the_sequence_and_keep_all_else() {
    let (one, two) = two().await;
    let here = one.open().await;
    let there = two.same(&here).await.unwrap();
    one.sessions.apply(&here, &subscribe("x://a")).await.unwrap();
    let before = record(&one.sessions.store, &here).await;
    for _ in 0..5 {
        let renew = SessionChange::Renew;
        let (first, second) = tokio::join!(one.sessions.apply(&here, &renew), two.sessions.apply(&there, &renew));
        first.and(second).unwrap();
    }
    let after = record(&one.sessions.store, &here).await;
    assert_eq!((after.0, after.1, after.2), (before.0 + 10, before.1, before.2));
}
