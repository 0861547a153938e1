//! Sessions: found, refused, counted, expired, taken up by another process.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;

use super::opening::OpenError;
use super::registry::Sessions;
use super::{Duplicate, Hello, Session, SessionChange, SessionLimits, session_change};
use crate::principal::Principal;
use crate::protocol::jsonrpc::Response;
use crate::protocol::{ClientCapabilities, LogLevel, Method, Params, RequestId, Revision};
use crate::store::contract::Interruptible;
use crate::store::{Memory, Store};
use crate::tool::{ClientLink as _, Question};

fn hello() -> Hello {
    let capabilities = ClientCapabilities { sampling: true, ..ClientCapabilities::default() };
    Hello { revision: Revision::V2025_06_18, capabilities, client: "client/1.0".into() }
}

fn me() -> Principal {
    Principal::local()
}

fn somebody_else() -> Principal {
    Principal::anonymous()
}

fn limits(max: u32, mine: u32) -> SessionLimits {
    SessionLimits { max, max_per_principal: mine, idle_timeout: Duration::from_mins(30), ..SessionLimits::default() }
}

async fn open(sessions: &Arc<Sessions>) -> Arc<Session> {
    sessions.open(hello(), &me()).await.unwrap()
}

#[tokio::test(start_paused = true)]
async fn an_open_session_is_found_without_the_store() {
    let sessions = Sessions::alone(Store::memory(), limits(10, 10));
    let session = open(&sessions).await;
    let found = sessions.cached(&session.id(), &me()).unwrap();
    assert!(Arc::ptr_eq(&found, &session));
    assert_eq!(found.caller(me()).revision, Revision::V2025_06_18);
    assert!(found.caller(me()).capabilities.sampling);
}

#[tokio::test(start_paused = true)]
async fn e49_somebody_elses_session_is_as_unknown_as_an_invented_one() {
    let store = Store::memory();
    let sessions = Sessions::alone(store.clone(), limits(10, 10));
    let id = open(&sessions).await.id();
    assert!(sessions.cached(&id, &somebody_else()).is_none());
    assert!(sessions.find(&id, &somebody_else()).await.unwrap().is_none());
    let later = Sessions::alone(store, limits(10, 10));
    assert!(later.find(&id, &somebody_else()).await.unwrap().is_none(), "nor from the store");
    let (seat, _) = id.split_once('-').unwrap();
    for invented in [format!("{seat}-AAAAAAAAAAAAAAAAAAAAAA"), "0-x".to_owned(), String::new(), "9".repeat(60)] {
        assert!(later.find(&invented, &me()).await.unwrap().is_none(), "{invented}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_session_survives_the_process() {
    let store = Store::memory();
    let sessions = Sessions::alone(store.clone(), limits(10, 10));
    let session = open(&sessions).await;
    for change in [subscribe("x://a"), SessionChange::SetLogLevel(LogLevel::Error)] {
        sessions.apply(&session, &change).await.unwrap();
    }
    sessions.stop();

    let later = Sessions::alone(store, limits(10, 10));
    assert!(later.cached(&session.id(), &me()).is_none());
    let found = later.find(&session.id(), &me()).await.unwrap().unwrap();
    assert_eq!(found.revision(), Revision::V2025_06_18);
    assert_eq!(found.caller(me()).log_level, Some(LogLevel::Error));
    assert_eq!(found.subscriptions(), ["x://a"]);
    assert!(later.cached(&session.id(), &me()).is_some(), "and is in use from then on");
}

fn subscribe(uri: &str) -> SessionChange {
    SessionChange::Subscribe(uri.into())
}

#[tokio::test(start_paused = true)]
async fn e16_an_ended_session_is_gone_everywhere_and_gives_its_seats_back() {
    let store = Store::memory();
    let sessions = Sessions::alone(store.clone(), limits(1, 1));
    let session = open(&sessions).await;
    let question = session.open(Duration::from_secs(9)).await.unwrap();
    let running = session.begin(&RequestId::number(1)).unwrap();
    sessions.remove(&session).await.unwrap();
    assert!(sessions.find(&session.id(), &me()).await.unwrap().is_none());
    let later = Sessions::alone(store, limits(1, 1));
    assert!(later.find(&session.id(), &me()).await.unwrap().is_none());
    assert!(question.answer.await.is_err(), "what waited for its client fails");
    running.cancelled().await;
    open(&sessions).await;
}

#[tokio::test(start_paused = true)]
async fn e50_sessions_are_capped_in_all_and_for_each_principal() {
    let sessions = Sessions::alone(Store::memory(), limits(3, 2));
    sessions.set_used(&open(&sessions).await);
    sessions.set_used(&open(&sessions).await);
    assert!(matches!(sessions.open(hello(), &me()).await, Err(OpenError::Full { limit: 2, .. })));
    let other = sessions.open(hello(), &somebody_else()).await.unwrap();
    sessions.set_used(&other);
    assert!(matches!(sessions.open(hello(), &somebody_else()).await, Err(OpenError::Full { limit: 3, .. })));
    assert_eq!(sessions.len(), 3);
}

#[tokio::test(start_paused = true)]
async fn the_last_seat_is_found_however_many_are_taken() {
    let sessions = Sessions::alone(Store::memory(), limits(700, 600));
    for _ in 0..600 {
        sessions.set_used(&open(&sessions).await);
    }
    assert!(matches!(sessions.open(hello(), &me()).await, Err(OpenError::Full { limit: 600, .. })));
    for _ in 0..100 {
        sessions.set_used(&sessions.open(hello(), &somebody_else()).await.unwrap());
    }
    assert!(matches!(sessions.open(hello(), &somebody_else()).await, Err(OpenError::Full { limit: 700, .. })));
}

#[tokio::test(start_paused = true)]
async fn sl10_when_all_seats_are_taken_the_longest_idle_one_is_given_up_but_none_that_is_used() {
    let store = Store::memory();
    let sessions = Sessions::alone(store, limits(10, 2));
    let oldest = open(&sessions).await;
    sessions.set_used(&oldest);
    tokio::time::sleep(Duration::from_secs(5)).await;
    let second = open(&sessions).await;
    sessions.set_used(&second);
    tokio::time::sleep(Duration::from_millis(1)).await;
    let stream = oldest.hold();
    tokio::time::advance(Duration::from_mins(2)).await;
    let third = open(&sessions).await;
    assert!(second.is_closed() && !oldest.is_closed() && !third.is_closed());
    drop(stream);
}

#[tokio::test(start_paused = true)]
async fn a_session_that_is_not_used_expires_here_and_in_the_store() {
    let store = Store::memory();
    let sessions = Sessions::alone(store.clone(), limits(10, 10));
    let idle = open(&sessions).await;
    let used = open(&sessions).await;
    let streaming = open(&sessions).await;
    let stream = streaming.hold();
    for _ in 0..4 {
        tokio::time::advance(Duration::from_mins(10)).await;
        sessions.touch(&used);
        sessions.touch(&streaming);
        tokio::task::yield_now().await;
    }
    assert!(sessions.cached(&idle.id(), &me()).is_none());
    assert!(sessions.find(&idle.id(), &me()).await.unwrap().is_none());
    assert_eq!(sessions.len(), 2);
    let later = Sessions::alone(store, limits(10, 10));
    assert!(later.find(&used.id(), &me()).await.unwrap().is_some(), "its use was written down");
    tokio::time::advance(Duration::from_mins(31)).await;
    assert!(sessions.cached(&used.id(), &me()).is_none());
    assert!(sessions.cached(&streaming.id(), &me()).is_some(), "an open stream is use");
    drop(stream);
}

#[tokio::test(start_paused = true)]
async fn use_is_written_down_now_and_then_and_not_with_each_request() {
    let store = Store::memory();
    let sessions = Sessions::alone(store, limits(10, 10));
    let session = open(&sessions).await;
    let written = |session: &Session| session.sequence();
    let first = written(&session);
    for _ in 0..7 {
        tokio::time::advance(Duration::from_mins(1)).await;
        sessions.cached(&session.id(), &me()).unwrap();
        tokio::task::yield_now().await;
    }
    assert_eq!(written(&session), first);
    tokio::time::advance(Duration::from_mins(1)).await;
    sessions.cached(&session.id(), &me()).unwrap();
    tokio::task::yield_now().await;
    assert_ne!(written(&session), first);
}

#[tokio::test(start_paused = true)]
async fn sc8_ids_never_come_again() {
    let sessions = Sessions::alone(Store::memory(), limits(1, 1));
    let mut seen = std::collections::HashSet::new();
    for _ in 0..1_000 {
        let session = open(&sessions).await;
        assert!(seen.insert(session.id()));
        sessions.remove(&session).await.unwrap();
    }
    for ended in &seen {
        assert!(sessions.find(ended, &me()).await.unwrap().is_none());
    }
}

#[test]
fn bp5_an_id_runs_once_at_a_time() {
    let session = Session::local(me(), hello());
    let id = RequestId::number(7);
    let first = session.begin(&id).unwrap();
    assert!(matches!(session.begin(&id), Err(Duplicate)));
    assert!(session.is_running(&id));
    assert!(!session.cancel(&RequestId::number(8)));
    assert!(session.cancel(&id));
    drop(first);
    assert!(!session.is_running(&id) && session.begin(&id).is_ok());
    let text = RequestId::from_json(&Bytes::from_static(b"\"7\"")).unwrap();
    let number = session.begin(&id).unwrap();
    assert!(session.begin(&text).is_ok(), "A02: 7 is not \"7\"");
    drop(number);
}

#[tokio::test(start_paused = true)]
async fn an_answer_reaches_who_asked_and_nobody_else() {
    let session = Session::local(me(), hello());
    let ask = || session.open(Duration::from_secs(9));
    let Question { id: first, answer: first_answer } = ask().await.unwrap();
    let Question { id: second, answer: second_answer } = ask().await.unwrap();
    assert_ne!(first, second);
    let answer = |id: &RequestId, text: &'static str| Response {
        id: id.clone(),
        outcome: Ok(Bytes::from_static(text.as_bytes())),
    };
    assert!(session.answer(answer(&second, "2")));
    assert!(!session.answer(answer(&second, "again")), "a late one is nobody's");
    assert!(session.answer(answer(&first, "1")));
    assert_eq!(first_answer.await.unwrap().unwrap(), "1");
    assert_eq!(second_answer.await.unwrap().unwrap(), "2");
    let Question { id: given_up, answer: answer_to_none } = ask().await.unwrap();
    crate::tool::ClientLink::close(&*session, &given_up);
    assert!(!session.answer(answer(&given_up, "3")));
    assert!(answer_to_none.await.is_err());
}

#[test]
fn e44_subscriptions_are_bounded_and_end() {
    let session = Session::local(me(), hello());
    for uri in ["x://a", "x://b", "x://a"] {
        session.apply_local(&subscribe(uri), 2).unwrap();
    }
    assert!(session.apply_local(&subscribe("x://c"), 2).is_err());
    let params = Params::read(Some(br#"{"uri":"x://a"}"#)).unwrap();
    let change = session_change(&Method::ResourcesUnsubscribe, &params, true, &|_| true).unwrap().unwrap();
    session.apply_local(&change, 2).unwrap();
    assert_eq!(session.subscriptions(), ["x://b"]);
    let refused = session_change(&Method::ResourcesSubscribe, &params, false, &|_| true).unwrap().unwrap_err();
    assert_eq!(refused.code, -32601, "without resources the method is not there");
    let hidden = session_change(&Method::ResourcesSubscribe, &params, true, &|_| false).unwrap().unwrap_err();
    assert_eq!(hidden.code, -32002, "what may not be read is not there");
    assert!(session_change(&Method::ToolsCall, &params, true, &|_| true).is_none());
}

#[test]
fn e43_a_level_that_is_none_is_refused() {
    let refused = |text: &str| {
        let params = Params::read(Some(text.as_bytes())).unwrap();
        session_change(&Method::SetLevel, &params, true, &|_| true).unwrap().unwrap_err().code
    };
    assert_eq!(refused(r#"{"level":"loud"}"#), -32602);
    assert_eq!(refused("{}"), -32602);
}

#[test]
fn an_idle_session_is_small() {
    // With its counter block and its client's name; the bar is 1 kB for all that an idle session holds in the process.
    assert!(size_of::<Session>() + 16 + 64 < 400, "{}", size_of::<Session>());
}

#[tokio::test(start_paused = true)]
async fn a_session_in_use_is_served_while_the_store_is_away_and_looked_at_again_afterwards() {
    let (engine, interruption) = Interruptible::over(Memory::new());
    let store = Store::new(engine);
    let [here, there] = [0, 1].map(|_| Sessions::alone(store.clone(), limits(10, 10)));
    let session = open(&here).await;
    here.on_gap();
    assert!(here.cached(&session.id(), &me()).is_none(), "a hint may have been lost");
    interruption.fail();
    assert!(here.find(&session.id(), &me()).await.unwrap().is_some());
    assert!(here.find(&session.id(), &somebody_else()).await.is_err());
    assert!(there.find(&session.id(), &me()).await.is_err(), "not known, which is not lost");
    interruption.end();
    store.ping().await.unwrap();
    let found = there.find(&session.id(), &me()).await.unwrap().unwrap();
    there.remove(&found).await.unwrap();
    assert!(here.find(&session.id(), &me()).await.unwrap().is_none());
}
