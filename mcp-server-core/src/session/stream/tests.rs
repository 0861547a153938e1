//! Streams, from every side: first delivery and resumption are the same reading.

use std::future::Future;
use std::pin::pin;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};

use bytes::Bytes;

use super::entry::{Kind, Origin};
use super::{EventId, StreamError, StreamReader, StreamWriter, Token};
use crate::principal::Principal;
use crate::protocol::{ClientCapabilities, RequestId, Revision};
use crate::session::registry::Sessions;
use crate::session::{Hello, Session, SessionLimits};
use crate::store::contract::Interruptible;
use crate::store::{Keep, Memory, Offset, Store};

fn hello() -> Hello {
    Hello { revision: Revision::V2025_11_25, capabilities: ClientCapabilities::default(), client: "c/1".into() }
}

async fn opened(limits: SessionLimits) -> (Arc<Sessions>, Arc<Session>) {
    let sessions = Sessions::alone(Store::memory(), limits);
    let session = sessions.open(hello(), &Principal::local()).await.unwrap();
    (sessions, session)
}

async fn stream(sessions: &Sessions, session: &Arc<Session>) -> (StreamWriter, StreamReader) {
    sessions.stream(session, &RequestId::number(7)).await.unwrap()
}

fn message(number: u32) -> Bytes {
    Bytes::from(format!("{{\"n\":{number}}}"))
}

/// Every event up to the end: its id, and its text.
async fn all(reader: &mut StreamReader) -> Vec<(Option<String>, Option<String>)> {
    let mut all = Vec::new();
    while let Some(delivery) = reader.next().await.unwrap() {
        let text = delivery.message.map(|message| String::from_utf8(message.to_vec()).unwrap());
        all.push((delivery.id.map(|id| id.to_string()), text));
    }
    all
}

fn texts(events: &[(Option<String>, Option<String>)]) -> Vec<&str> {
    events.iter().filter_map(|(_, text)| text.as_deref()).collect()
}

fn id(event: &(Option<String>, Option<String>)) -> EventId {
    EventId::parse(event.0.as_deref().unwrap()).unwrap()
}

fn is_pending<F: Future>(future: F) -> bool {
    matches!(pin!(future).poll(&mut Context::from_waker(Waker::noop())), Poll::Pending)
}

#[tokio::test]
async fn e31_a_stream_resumes_after_any_of_its_events_with_nothing_lost_or_doubled() {
    let (sessions, session) = opened(SessionLimits::default()).await;
    let (writer, mut reader) = stream(&sessions, &session).await;
    for number in 0..5 {
        writer.append(&message(number)).await.unwrap();
    }
    writer.finish(message(5)).await;
    let events = all(&mut reader).await;
    assert_eq!(events.len(), 7, "the priming event, five messages, the answer");
    assert!(events[0].1.is_none());
    for (index, event) in events.iter().enumerate() {
        let mut resumed = sessions.resume(&session, id(event)).await.unwrap();
        assert_eq!(all(&mut resumed).await, events[index + 1..], "after event {index}");
    }
}

#[tokio::test]
async fn a_reader_waits_for_what_is_still_to_come() {
    let (sessions, session) = opened(SessionLimits::default()).await;
    let (writer, mut reader) = stream(&sessions, &session).await;
    assert!(reader.next().await.unwrap().unwrap().message.is_none());
    assert!(is_pending(reader.next()));
    let reading = tokio::spawn(async move { all(&mut reader).await });
    tokio::task::yield_now().await;
    writer.append(&message(1)).await.unwrap();
    tokio::task::yield_now().await;
    writer.finish(message(2)).await;
    assert_eq!(texts(&reading.await.unwrap()), [r#"{"n":1}"#, r#"{"n":2}"#]);
}

#[tokio::test]
async fn e29_the_newest_connection_is_the_only_one() {
    let (sessions, session) = opened(SessionLimits::default()).await;
    let (writer, mut first) = stream(&sessions, &session).await;
    let primed = first.next().await.unwrap().unwrap().id.unwrap();
    let mut second = sessions.resume(&session, primed).await.unwrap();
    writer.append(&message(1)).await.unwrap();
    assert!(first.next().await.unwrap().is_none(), "the older one ends without the message");
    writer.finish(message(2)).await;
    assert_eq!(texts(&all(&mut second).await), [r#"{"n":1}"#, r#"{"n":2}"#]);
}

#[tokio::test]
async fn e27_a_released_connection_ends_and_the_next_one_gets_the_rest() {
    let (sessions, session) = opened(SessionLimits::default()).await;
    let (writer, mut reader) = stream(&sessions, &session).await;
    writer.release().await;
    let events = all(&mut reader).await;
    assert_eq!(events.len(), 1, "the priming event, then the end");
    let mut resumed = sessions.resume(&session, id(&events[0])).await.unwrap();
    assert!(is_pending(resumed.next()));
    writer.finish(message(1)).await;
    assert_eq!(texts(&all(&mut resumed).await), [r#"{"n":1}"#]);
}

#[tokio::test]
async fn what_is_unknown_or_trimmed_is_an_error_and_never_silence() {
    let limits = SessionLimits { resume_events: 16, ..SessionLimits::default() };
    let (sessions, session) = opened(limits).await;
    let (writer, mut reader) = stream(&sessions, &session).await;
    let primed = reader.next().await.unwrap().unwrap().id.unwrap();
    for number in 0..40 {
        writer.append(&message(number)).await.unwrap();
    }
    let trimmed = sessions.resume(&session, primed).await;
    assert!(matches!(trimmed, Err(StreamError::Gone)));
    let unknown = EventId { token: Token::parse_for_tests("AAAAAAAA"), offset: Offset::from_u64(3) };
    assert!(matches!(sessions.resume(&session, unknown).await, Err(StreamError::Gone)));
    let future = EventId { offset: Offset::from_u64(primed.offset.as_u64() + 10_000), ..primed };
    assert!(matches!(sessions.resume(&session, future).await, Err(StreamError::Gone)));
}

#[tokio::test]
async fn an_event_of_another_session_is_unknown() {
    let (sessions, session) = opened(SessionLimits::default()).await;
    let (writer, mut reader) = stream(&sessions, &session).await;
    writer.append(&message(1)).await.unwrap();
    let primed = reader.next().await.unwrap().unwrap().id.unwrap();
    let other = sessions.open(hello(), &Principal::local()).await.unwrap();
    assert!(matches!(sessions.resume(&other, primed).await, Err(StreamError::Gone)));
}

#[tokio::test]
async fn a_slow_reader_misses_hints_but_not_the_answer() {
    let limits = SessionLimits { resume_events: 16, ..SessionLimits::default() };
    let (sessions, session) = opened(limits).await;
    let (writer, mut reader) = stream(&sessions, &session).await;
    for number in 0..100 {
        writer.append(&message(number)).await.unwrap();
    }
    writer.finish(message(100)).await;
    let events = all(&mut reader).await;
    // The first event was in the reader's hand, whatever the log has trimmed.
    assert!(events.len() <= 1 + 16 && events[0].1.is_none());
    assert_eq!(texts(&events).last(), Some(&r#"{"n":100}"#));
}

#[tokio::test]
async fn an_answer_too_large_to_keep_reaches_the_connected_client() {
    let limits = SessionLimits { resume_bytes: 1, ..SessionLimits::default() };
    let (sessions, session) = opened(limits).await;
    let (writer, mut reader) = stream(&sessions, &session).await;
    let large = Bytes::from(vec![b'x'; 100 << 10]);
    writer.finish(large.clone()).await;
    reader.next().await.unwrap().unwrap();
    let last = reader.next().await.unwrap().unwrap();
    assert_eq!((last.id, last.message), (None, Some(large)));
    assert!(reader.next().await.unwrap().is_none());
}

#[tokio::test]
async fn a_call_whose_process_is_gone_ends_in_an_error_that_says_so() {
    let store = Store::memory();
    let sessions = Sessions::alone(store.clone(), SessionLimits::default());
    let session = sessions.open(hello(), &Principal::local()).await.unwrap();
    let (writer, mut reader) = stream(&sessions, &session).await;
    writer.append(&message(1)).await.unwrap();
    let primed = reader.next().await.unwrap().unwrap().id.unwrap();
    // Another process, on the same store: it has no writer of the stream.
    let later = Sessions::alone(store, SessionLimits::default());
    let found = later.find(&session.id(), &Principal::local()).await.unwrap().unwrap();
    let events = all(&mut later.resume(&found, primed).await.unwrap()).await;
    let texts = texts(&events);
    assert_eq!(texts[0], r#"{"n":1}"#);
    assert!(texts[1].contains(r#""id":7"#) && texts[1].contains("worker_lost"), "{}", texts[1]);
    assert_eq!(texts.len(), 2);
}

#[tokio::test]
async fn a_given_up_request_ends_its_stream_without_an_answer() {
    let (sessions, session) = opened(SessionLimits::default()).await;
    let (writer, mut reader) = stream(&sessions, &session).await;
    writer.abandon().await;
    let events = all(&mut reader).await;
    assert_eq!(texts(&events), Vec::<&str>::new());
    assert!(all(&mut sessions.resume(&session, id(&events[0])).await.unwrap()).await.is_empty());
}

#[tokio::test]
async fn e50_the_end_of_a_session_ends_its_streams() {
    let (sessions, session) = opened(SessionLimits::default()).await;
    let (_writer, mut reader) = stream(&sessions, &session).await;
    reader.next().await.unwrap();
    let reading = tokio::spawn(async move { reader.next().await.unwrap().is_none() });
    tokio::task::yield_now().await;
    sessions.remove(&session).await.unwrap();
    assert!(reading.await.unwrap());
}

#[test]
fn e30_event_ids_read_back_and_nothing_else_does() {
    let id = EventId { token: Token::draw(), offset: Offset::from_u64(1_234) };
    assert_eq!(EventId::parse(&id.to_string()), Some(id));
    for bad in [
        "",
        "x",
        "AAAAAAAA",
        "AAAAAAAA.",
        "AAAAAAAA.-1",
        "AAAAAAAA.+1",
        "AAAAAAAA.0",
        "AAAAAAA.1",
        "AAAA/AAA.1",
        "AAAAAAAA.1.2",
    ] {
        assert_eq!(EventId::parse(bad), None, "{bad}");
    }
    assert_eq!(EventId::parse("standing.5").map(|id| id.token), Some(Token::STANDALONE));
}

#[tokio::test]
async fn what_was_written_twice_is_delivered_once() {
    let (sessions, session) = opened(SessionLimits::default()).await;
    let (log, keep) = (Token::parse_for_tests("AAAAAAAA").log(&session.id.hash()), Keep::default());
    let origin = Origin { worker: "w".into(), request: Some(RequestId::number(7)) };
    let mut offsets = Vec::new();
    for (kind, number) in [
        (Kind::Opening, 1),
        (Kind::Message, 2),
        (Kind::Message, 2),
        (Kind::Message, 3),
        (Kind::Last, 4),
        (Kind::Last, 4),
    ] {
        let entry = kind.entry(number, &origin, format!("{number}").as_bytes());
        offsets.push(sessions.store.append(&log, entry, keep).await.unwrap());
    }
    for (index, rest) in [["2", "3", "4"].as_slice(), &["3", "4"], &["3", "4"], &["4"], &[], &[]].iter().enumerate() {
        let id = EventId { token: Token::parse_for_tests("AAAAAAAA"), offset: offsets[index] };
        assert_eq!(texts(&all(&mut sessions.resume(&session, id).await.unwrap()).await), *rest, "after {index}");
    }
}

#[tokio::test]
async fn a_message_waits_for_a_store_that_is_away() {
    let (engine, interruption) = Interruptible::over(Memory::new());
    let sessions = Sessions::alone(Store::new(engine), SessionLimits::default());
    let session = sessions.open(hello(), &Principal::local()).await.unwrap();
    let (writer, mut reader) = stream(&sessions, &session).await;
    let start = reader.next().await.unwrap().unwrap().id.unwrap();
    interruption.fail();
    let writing = tokio::spawn(async move {
        writer.append(&message(1)).await.unwrap();
        writer.finish(message(2)).await;
    });
    tokio::task::yield_now().await;
    interruption.end();
    writing.await.unwrap();
    assert_eq!(texts(&all(&mut reader).await), [r#"{"n":1}"#, r#"{"n":2}"#]);
    let again = all(&mut sessions.resume(&session, start).await.unwrap()).await;
    assert_eq!(texts(&again), [r#"{"n":1}"#, r#"{"n":2}"#]);
}
