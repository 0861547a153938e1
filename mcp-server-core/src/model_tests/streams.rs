//! Event streams: written on one replica, read on any, resumed after any event, ended by an answer or by a death.
//!
//! Rules: no event is lost or doubled, whichever replicas the client reads on; a stream ends once, in its answer or, where
//! the replica that writes it was killed or stood still for longer than a lease, in an error; every read ends.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use bytes::Bytes;

use super::faulty::Break;
use super::random::Rng;
use super::run::{self, Run};
use super::world::{Node, Replicas, World};
use super::{Broken, rule};
use crate::principal::Principal;
use crate::protocol::{ClientCapabilities, RequestId, Revision};
use crate::session::stream::{EventId, StreamError, StreamReader, StreamWriter};
use crate::session::{Hello, SessionLimits};

#[test]
fn streams() {
    run::domain("streams", |world| -> Run { Box::pin(stream_run(world)) });
}

#[test]
fn streams_find_a_store_that_loses_entries() {
    run::finds("streams", Break::Appends, |world| -> Run { Box::pin(stream_run(world)) });
}

#[test]
fn streams_find_a_store_that_doubles_entries() {
    run::finds("streams", Break::Doubles, |world| -> Run { Box::pin(stream_run(world)) });
}

async fn stream_run(world: Arc<World>) -> Result<(), Broken> {
    let mut rng = world.rng();
    let limits = SessionLimits {
        max: 8,
        max_per_principal: 8,
        idle_timeout: world.units(3_000),
        resume_for: world.units(3_000),
        ..SessionLimits::default()
    };
    let replicas = Replicas::start(&world, rng.between(2, 4), limits).await;
    let me = Principal::new("model", "me", ["all"]);
    let writer = replicas.any(&mut rng);
    let hello = Hello {
        revision: Revision::V2025_11_25,
        capabilities: ClientCapabilities::default(),
        client: "model/1".into(),
    };
    let session = writer.sessions.open(hello, &me).await.map_err(|error| error.to_string())?;
    let id = session.id();
    let (to, reader) =
        writer.sessions.stream(&session, &RequestId::number(7)).await.map_err(|error| error.to_string())?;
    let count = rng.between(1, 12);
    // Whether the writer's replica is disturbed as well, so that it may be given up.
    let (is_spared, done) = (rng.permille(500), AtomicBool::new(false));
    let kept = Arc::clone(&writer);
    let events = async {
        let (written, read) = tokio::join!(
            write(&world, world.rng(), to, count, &done),
            read(&world, &replicas, world.rng(), &id, &me, &writer, reader),
        );
        written?;
        read
    };
    let events = tokio::select! {
        events = events => events?,
        () = replicas.disturb(world.rng(), move |node| is_spared && node.replica.id() == kept.replica.id()) => {
            unreachable!("it never ends")
        }
    };
    check(&events, count, is_spared)?;
    rule!(!is_spared || done.load(Ordering::Relaxed), "the writer was not disturbed, and did not finish");
    // Whoever comes later finds the same events and the same end.
    replicas.settle().await;
    let again = replay(&replicas, &mut rng, &id, &me, &events).await?;
    rule!(again == texts(&events), "read again: {again:?}, and before: {:?}", texts(&events));
    Ok(())
}

fn message(number: u64) -> Bytes {
    Bytes::from(format!("{{\"n\":{number}}}"))
}

async fn write(world: &World, mut rng: Rng, writer: StreamWriter, count: u64, done: &AtomicBool) -> Result<(), Broken> {
    for number in 1..=count {
        let quiet = if rng.permille(100) { 20_000 } else { 1_500 };
        world.pass(rng.below(quiet)).await;
        // While the store is away this waits; a writer whose replica is dead waits for ever.
        let appended = tokio::time::timeout(world.units(200), writer.append(&message(number))).await;
        if !matches!(appended, Ok(Ok(()))) {
            return Ok(());
        }
    }
    if tokio::time::timeout(world.units(200), writer.finish(Bytes::from(text_of(count + 1, count)))).await.is_ok() {
        done.store(true, Ordering::Relaxed);
    }
    Ok(())
}

type Read = (Option<EventId>, Option<String>);

fn texts(events: &[Read]) -> Vec<String> {
    events.iter().filter_map(|(_, text)| text.clone()).collect()
}

/// Reads to the end, and breaks off at random to go on elsewhere.
async fn read(
    world: &World,
    replicas: &Replicas,
    mut rng: Rng,
    id: &str,
    me: &Principal,
    first: &Node,
    reader: StreamReader,
) -> Result<Vec<Read>, Broken> {
    let (mut events, mut reader, mut node_id) = (Vec::<Read>::new(), Some(reader), first.replica.id().to_owned());
    let started = tokio::time::Instant::now();
    loop {
        rule!(started.elapsed() < world.units(3_000), "the stream does not end: {events:?}");
        let last = events.iter().rev().find_map(|(id, _)| *id);
        let Some(current) = &mut reader else {
            let Some(last) = last else { return Err("a client read nothing to resume from".to_owned()) };
            let node = replicas.any(&mut rng);
            node.replica.id().clone_into(&mut node_id);
            let resumed = tokio::time::timeout(world.units(60), resume(&node, id, me, last)).await;
            match resumed.map_err(|_| "a stream is not resumed, and not refused".to_owned())?? {
                Some(resumed) => reader = Some(resumed),
                None => world.pass(500).await,
            }
            continue;
        };
        // The client gives a silent connection up, or one to a replica that stands still.
        let patience = world.units(rng.between(1, 20));
        match tokio::time::timeout(patience, current.next()).await {
            Ok(Ok(Some(delivery))) => {
                let text = delivery.message.map(|bytes| String::from_utf8(bytes.to_vec()).unwrap());
                let is_end = text.as_ref().is_some_and(|text| text.contains("worker_lost"));
                events.push((delivery.id, text));
                if is_end {
                    return Ok(events);
                }
                if rng.permille(200) {
                    reader = None;
                }
            }
            Ok(Ok(None)) if ends_with_answer(&events) => return Ok(events),
            Ok(_) => {
                // It ended before its answer: another reader has it, or the store failed.
                reader = None;
                world.pass(200).await;
            }
            Err(_) => reader = None,
        }
        if ends_with_answer(&events) {
            return Ok(events);
        }
    }
}

/// The answer is the message that the writer sends last; the model does not know which that is, but that nothing follows.
fn ends_with_answer(events: &[Read]) -> bool {
    events.iter().any(|(_, text)| text.as_ref().is_some_and(|text| text.contains("\"end\"")))
}

async fn resume(node: &Node, id: &str, me: &Principal, last: EventId) -> Result<Option<StreamReader>, Broken> {
    let session = match node.sessions.find(id, me).await {
        Ok(Some(session)) => session,
        Ok(None) => return Err("the session of a stream is gone".to_owned()),
        Err(_) => return Ok(None),
    };
    match node.sessions.resume(&session, last).await {
        Ok(reader) => Ok(Some(reader)),
        Err(StreamError::Gone) => Err(format!("the events after {last} are gone")),
        Err(StreamError::Store(_)) => Ok(None),
    }
}

fn check(events: &[Read], count: u64, is_spared: bool) -> Result<(), Broken> {
    let texts = texts(events);
    let lost = texts.last().is_some_and(|text| text.contains("worker_lost"));
    rule!(!(lost && is_spared), "the writer was not disturbed, and its call was given up: {texts:?}");
    let messages = &texts[..texts.len() - usize::from(lost)];
    let expected: Vec<_> = (1..=messages.len() as u64).map(|number| text_of(number, count)).collect();
    rule!(messages == expected, "events were lost or doubled: {texts:?}");
    rule!(lost || messages.len() as u64 == count + 1, "the stream ended early: {texts:?} of {count}");
    Ok(())
}

fn text_of(number: u64, count: u64) -> String {
    if number == count + 1 { "{\"end\":true}".to_owned() } else { format!("{{\"n\":{number}}}") }
}

async fn replay(
    replicas: &Replicas,
    rng: &mut Rng,
    id: &str,
    me: &Principal,
    events: &[Read],
) -> Result<Vec<String>, Broken> {
    let first = events.first().and_then(|(id, _)| *id).ok_or("the first event has no id")?;
    let node = replicas.any(rng);
    let Some(mut reader) = resume(&node, id, me, first).await? else { return Err("the store fails".to_owned()) };
    let mut again = Vec::new();
    while let Ok(Ok(Some(delivery))) = tokio::time::timeout(Duration::from_mins(10), reader.next()).await {
        again.extend(delivery.message.map(|bytes| String::from_utf8(bytes.to_vec()).unwrap()));
    }
    Ok(again)
}
