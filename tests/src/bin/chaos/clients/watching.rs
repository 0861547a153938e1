//! Sessions that subscribe to a topic and hear of its changes on the stream that belongs to no request.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::Ground;
use crate::findings::{Broken, Count};
use crate::legacy::{PAUSE, Session};
use crate::modern;
use crate::verdict::End;
use crate::wire::{Events, Fault, Received};

/// In this time a change is heard of, once nothing is broken: hints may be lost, and the truth is looked at again.
const SOON: Duration = Duration::from_secs(30);

/// How long a session stands idle before it subscribes, for every second client: by then its replica has looked at its
/// record again.
const IDLE: Duration = Duration::from_secs(15);

/// Watches a topic that another task of this client changes, and is told of the last change at least.
pub(crate) async fn watching(ground: Ground, client: u64) {
    let Some(session) = Session::open(&ground).await else { return };
    let uri = format!("chaos://topic/{client}");
    let is_late = client.is_multiple_of(2);
    if is_late {
        tokio::time::sleep(IDLE).await;
    }
    while !matches!(subscribe(&session, &uri).await, Some(End::Answer(_))) {
        if ground.is_overdue() {
            return;
        }
        tokio::time::sleep(PAUSE).await;
    }
    if is_late {
        ground.findings.count(Count::LateSubscriptions);
    }
    let heard = Arc::new(AtomicU64::new(0));
    let session = Arc::new(session);
    let reading = tokio::spawn(listen(Arc::clone(&session), Arc::clone(&heard)));
    changing(&ground, client).await;
    expect_one_more(&ground, client, &heard, "a session").await;
    reading.abort();
}

async fn subscribe(session: &Session, uri: &str) -> Option<End> {
    let mut call = session.request("resources/subscribe", json!({ "uri": uri })).await?;
    match call.next().await {
        crate::legacy::Heard::End(end) => end,
        crate::legacy::Heard::Message(_) => None,
    }
}

/// Changes a topic now and then until the time is over.
pub(super) async fn changing(ground: &Ground, topic: u64) {
    let mut choices = ground.choices(topic);
    while !ground.is_over() {
        tokio::time::sleep(Duration::from_millis(choices.within(100, 700))).await;
        touch(ground, topic).await;
    }
}

async fn touch(ground: &Ground, topic: u64) {
    let params = json!({ "name": "touch", "arguments": { "number": topic } });
    if modern::ask(ground, "tools/call", &params).await.is_some() {
        ground.findings.count(Count::ChangesMade);
    }
}

/// Once all is calm, a change that was confirmed is heard of.
pub(super) async fn expect_one_more(ground: &Ground, topic: u64, heard: &AtomicU64, who: &str) {
    // What was said before is still on its way for a moment; only what comes after the last change counts.
    tokio::time::sleep(Duration::from_secs(2)).await;
    let before = heard.load(Ordering::Acquire);
    touch(ground, topic).await;
    let began = Instant::now();
    while heard.load(Ordering::Acquire) == before {
        if began.elapsed() > SOON {
            ground.findings.broke(Broken::ChangeUnheard, format!("{who} did not hear that topic {topic} changed"));
            return;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

/// Reads the session's own stream, and takes it up again where it broke.
async fn listen(session: Arc<Session>, heard: Arc<AtomicU64>) {
    let ground = session.ground();
    let mut last: Option<String> = None;
    loop {
        match session.get(last.as_deref()).await {
            Ok(Received::Events(events)) => {
                if last.is_some() {
                    ground.findings.count(Count::StreamsResumed);
                }
                if !read(&session, events, &mut last, &heard).await {
                    return;
                }
                ground.findings.count(Count::StreamsBroken);
            }
            Ok(Received::Later) => ground.findings.count(Count::RefusedForNow),
            Ok(Received::Message { status: 404, message, .. }) => {
                session.lost("the session's stream", &message);
                return;
            }
            Ok(other) => {
                ground.findings.broke(Broken::WrongAnswer, format!("the session's stream after {last:?}: {other:?}"));
                return;
            }
            Err(Fault::Cut(_)) => {}
            Err(fault) => {
                ground.fault(fault, "the session's stream");
                return;
            }
        }
        tokio::time::sleep(PAUSE).await;
    }
}

/// Reads until the stream breaks. False if it cannot be read on.
async fn read(session: &Session, mut events: Events, last: &mut Option<String>, heard: &AtomicU64) -> bool {
    let ground = session.ground();
    loop {
        match events.next().await {
            Ok(Some(event)) => {
                if event.id.is_some() && event.id == *last && event.message.is_some() {
                    ground.findings.broke(Broken::EventDoubled, format!("a session's event {last:?} came twice"));
                }
                *last = event.id.or(last.take());
                if event.message.as_ref().is_some_and(is_change) {
                    heard.fetch_add(1, Ordering::AcqRel);
                    ground.findings.count(Count::ChangesHeardBySessions);
                }
            }
            Ok(None) | Err(Fault::Cut(_)) => return true,
            Err(fault) => {
                ground.fault(fault, "a session's stream");
                return false;
            }
        }
    }
}

pub(super) fn is_change(message: &Value) -> bool {
    message["method"] == "notifications/resources/updated"
}
