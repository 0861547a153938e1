//! Streams: written on one replica, read on another, ended for one that died.

use std::sync::Arc;

use bytes::Bytes;

use super::{Node, two};
use crate::protocol::RequestId;
use crate::session::Session;
use crate::session::stream::{EventId, StreamReader, StreamWriter};
use crate::store::Store;

async fn stream(node: &Node, session: &Arc<Session>) -> (StreamWriter, StreamReader) {
    node.sessions.stream(session, &RequestId::number(7)).await.unwrap()
}

fn message(number: u32) -> Bytes {
    Bytes::from(format!("{{\"n\":{number}}}"))
}

/// The text of the next message, and its event's id.
async fn next(reader: &mut StreamReader) -> Option<(EventId, String)> {
    loop {
        let delivery = reader.next().await.unwrap()?;
        if let Some(message) = delivery.message {
            return Some((delivery.id.expect("it can be resumed from"), String::from_utf8(message.to_vec()).unwrap()));
        }
    }
}

async fn texts(reader: &mut StreamReader) -> Vec<String> {
    let mut texts = Vec::new();
    while let Some((_, text)) = next(reader).await {
        texts.push(text);
    }
    texts
}

async fn primed(reader: &mut StreamReader) -> EventId {
    reader.next().await.unwrap().unwrap().id.unwrap()
}

#[tokio::test(start_paused = true)]
async fn e31_a_stream_is_followed_on_another_replica_while_it_is_written() {
    let (one, two) = two().await;
    let session = one.open().await;
    let there = two.same(&session).await.unwrap();
    let (writer, mut first) = stream(&one, &session).await;
    let start = primed(&mut first).await;
    writer.append(&message(1)).await.unwrap();
    let mut second = two.sessions.resume(&there, start).await.unwrap();
    assert!(first.next().await.unwrap().is_none(), "E29: the newest connection is the only one, wherever it is");
    assert_eq!(next(&mut second).await.unwrap().1, r#"{"n":1}"#);
    let reading = tokio::spawn(async move { texts(&mut second).await });
    tokio::task::yield_now().await;
    for number in 2..40 {
        writer.append(&message(number)).await.unwrap();
    }
    writer.finish(message(40)).await;
    let expected: Vec<_> = (2..=40).map(|number| format!("{{\"n\":{number}}}")).collect();
    assert_eq!(reading.await.unwrap(), expected);
}

#[tokio::test(start_paused = true)]
async fn e31_a_stream_goes_from_replica_to_replica_with_nothing_lost_or_doubled() {
    let store = Store::memory();
    let nodes = [Node::start(&store).await, Node::start(&store).await, Node::start(&store).await];
    let session = nodes[0].open().await;
    let (writer, mut reader) = stream(&nodes[0], &session).await;
    let mut last = primed(&mut reader).await;
    let mut seen = Vec::new();
    for number in 0..9_u32 {
        let node = &nodes[(number as usize + 1) % 3];
        let there = node.same(&session).await.unwrap();
        let mut resumed = node.sessions.resume(&there, last).await.unwrap();
        assert!(reader.next().await.unwrap().is_none(), "the reader before ends");
        writer.append(&message(number)).await.unwrap();
        let (id, text) = next(&mut resumed).await.unwrap();
        (last, reader) = (id, resumed);
        seen.push(text);
    }
    writer.finish(message(9)).await;
    seen.extend(texts(&mut reader).await);
    assert_eq!(seen, (0..10).map(|number| format!("{{\"n\":{number}}}")).collect::<Vec<_>>());
}

#[tokio::test(start_paused = true)]
async fn a_reader_that_hears_nothing_looks_by_itself() {
    let store = Store::memory();
    let (one, two) = (Node::start(&store).await, Node::start(&store).await);
    let session = one.open().await;
    let there = two.same(&session).await.unwrap();
    let (writer, mut first) = stream(&one, &session).await;
    let start = primed(&mut first).await;
    // The writer never learns that somebody reads elsewhere.
    drop(one.attached);
    let mut second = two.sessions.resume(&there, start).await.unwrap();
    let reading = tokio::spawn(async move { texts(&mut second).await });
    tokio::task::yield_now().await;
    writer.finish(message(1)).await;
    assert_eq!(reading.await.unwrap(), [r#"{"n":1}"#]);
}

#[tokio::test(start_paused = true)]
async fn e27_a_released_connection_ends_on_another_replica_too() {
    let (one, two) = two().await;
    let session = one.open().await;
    let there = two.same(&session).await.unwrap();
    let (writer, mut first) = stream(&one, &session).await;
    let start = primed(&mut first).await;
    let mut second = two.sessions.resume(&there, start).await.unwrap();
    writer.release().await;
    assert!(texts(&mut second).await.is_empty());
    let mut third = two.sessions.resume(&there, start).await.unwrap();
    writer.finish(message(1)).await;
    assert_eq!(texts(&mut third).await, [r#"{"n":1}"#]);
}

#[tokio::test(start_paused = true)]
async fn promise_2_a_call_whose_replica_dies_ends_once_in_an_error_that_may_be_retried() {
    let store = Store::memory();
    let (one, two, three) = (Node::start(&store).await, Node::start(&store).await, Node::start(&store).await);
    let session = one.open().await;
    let (writer, mut first) = stream(&one, &session).await;
    let start = primed(&mut first).await;
    writer.append(&message(1)).await.unwrap();
    let there = two.same(&session).await.unwrap();
    let mut second = two.sessions.resume(&there, start).await.unwrap();
    assert_eq!(next(&mut second).await.unwrap().1, r#"{"n":1}"#);
    // SIGKILL: the writer writes nothing any more, nobody says good-bye, the lease runs out.
    let dead = one.replica.id().to_owned();
    drop(one);
    store.delete(&format!("replica/{dead}"), None).await.unwrap();
    let (end, text) = next(&mut second).await.unwrap();
    let error: serde_json::Value = serde_json::from_str(&text).unwrap();
    assert_eq!(error["id"], 7);
    assert_eq!(error["error"]["data"], serde_json::json!({ "kind": "worker_lost", "retryable": true }));
    assert!(next(&mut second).await.is_none());
    // Whoever comes later, wherever, finds the same end and no other.
    for node in [&two, &three] {
        let there = node.same(&session).await.unwrap();
        let again = texts(&mut node.sessions.resume(&there, start).await.unwrap()).await;
        assert_eq!(again, [r#"{"n":1}"#, text.as_str()]);
        assert!(texts(&mut node.sessions.resume(&there, end).await.unwrap()).await.is_empty());
    }
}

#[tokio::test(start_paused = true)]
async fn the_first_end_counts_when_a_worker_was_given_up_too_early() {
    let (one, two) = two().await;
    let session = one.open().await;
    let there = two.same(&session).await.unwrap();
    let (writer, mut first) = stream(&one, &session).await;
    let start = primed(&mut first).await;
    // The lease is gone though the process lives on: the store was away for too long.
    one.replica.leave().await.unwrap();
    let mut second = two.sessions.resume(&there, start).await.unwrap();
    let (end, text) = next(&mut second).await.unwrap();
    assert!(text.contains("worker_lost"));
    writer.append(&message(1)).await.unwrap();
    writer.finish(message(2)).await;
    for id in [start, end] {
        let again = texts(&mut two.sessions.resume(&there, id).await.unwrap()).await;
        assert_eq!(again.len(), usize::from(id == start), "{again:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn an_answer_that_came_before_the_death_is_the_end() {
    let (one, two) = two().await;
    let session = one.open().await;
    let there = two.same(&session).await.unwrap();
    let (writer, mut first) = stream(&one, &session).await;
    let start = primed(&mut first).await;
    writer.finish(message(1)).await;
    one.replica.leave().await.unwrap();
    assert_eq!(texts(&mut two.sessions.resume(&there, start).await.unwrap()).await, [r#"{"n":1}"#]);
}

#[tokio::test(start_paused = true)]
async fn sl8_a_call_that_a_shutdown_breaks_off_ends_in_an_error_that_says_so() {
    let (one, two) = two().await;
    let session = one.open().await;
    let there = two.same(&session).await.unwrap();
    let (writer, mut first) = stream(&one, &session).await;
    let start = primed(&mut first).await;
    drop(writer);
    let text = texts(&mut two.sessions.resume(&there, start).await.unwrap()).await;
    assert!(text.len() == 1 && text[0].contains(r#""retryable":true"#), "{text:?}");
}

#[tokio::test(start_paused = true)]
async fn a_long_quiet_call_on_a_living_replica_is_not_given_up() {
    let (one, two) = two().await;
    let session = one.open().await;
    let there = two.same(&session).await.unwrap();
    let (writer, mut first) = stream(&one, &session).await;
    let start = primed(&mut first).await;
    let mut second = two.sessions.resume(&there, start).await.unwrap();
    let waited = tokio::time::timeout(super::LIFE * 4, next(&mut second)).await;
    assert!(waited.is_err(), "nothing comes, and no end either");
    writer.finish(message(1)).await;
    assert_eq!(texts(&mut second).await, [r#"{"n":1}"#]);
}

#[tokio::test(start_paused = true)]
async fn e50_the_end_of_a_session_ends_its_streams_on_every_replica() {
    let (one, two) = two().await;
    let session = one.open().await;
    let there = two.same(&session).await.unwrap();
    let (_writer, mut first) = stream(&one, &session).await;
    let start = primed(&mut first).await;
    let mut second = two.sessions.resume(&there, start).await.unwrap();
    let reading = tokio::spawn(async move { next(&mut second).await.is_none() });
    tokio::task::yield_now().await;
    one.sessions.remove(&session).await.unwrap();
    assert!(reading.await.unwrap());
}
