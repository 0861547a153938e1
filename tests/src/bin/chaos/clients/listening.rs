//! Modern listeners: a stream of changes that is opened again when it breaks.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use serde_json::json;

use super::Ground;
use super::watching::{changing, expect_one_more, is_change};
use crate::findings::{Broken, Count};
use crate::legacy::PAUSE;
use crate::modern;
use crate::wire::{Events, Fault, Received};

/// Listens to a topic that another task of this client changes.
pub(crate) async fn listening(ground: Ground, client: u64) {
    let heard = Arc::new(AtomicU64::new(0));
    let reading = tokio::spawn(listen(ground.clone(), client, Arc::clone(&heard)));
    changing(&ground, client).await;
    expect_one_more(&ground, client, &heard, "a listener").await;
    reading.abort();
}

async fn listen(ground: Ground, client: u64, heard: Arc<AtomicU64>) {
    let filter = json!({ "resourceSubscriptions": [format!("chaos://topic/{client}")] });
    let message = modern::message(1, "subscriptions/listen", json!({ "notifications": filter }));
    loop {
        match modern::send(&ground, &message).await {
            Ok(Received::Events(events)) => {
                if !read(&ground, events, &heard).await {
                    return;
                }
                ground.findings.count(Count::StreamsBroken);
            }
            Ok(Received::Later) => ground.findings.count(Count::RefusedForNow),
            Ok(other) => {
                ground.findings.broke(Broken::WrongAnswer, format!("listen: {other:?}"));
                return;
            }
            Err(Fault::Cut(_)) => {}
            Err(fault) => {
                ground.fault(fault, "listen");
                return;
            }
        }
        tokio::time::sleep(PAUSE).await;
    }
}

/// Reads until the stream breaks. False if it cannot be read on.
async fn read(ground: &Ground, mut events: Events, heard: &AtomicU64) -> bool {
    let mut acknowledged = false;
    loop {
        match events.next().await {
            Ok(Some(event)) => {
                let Some(message) = event.message else { continue };
                acknowledged |= message["method"] == "notifications/subscriptions/acknowledged";
                if !acknowledged {
                    ground.findings.broke(Broken::WrongAnswer, format!("before the acknowledgement: {message}"));
                }
                if is_change(&message) {
                    heard.fetch_add(1, Ordering::AcqRel);
                    ground.findings.count(Count::ChangesHeardByListeners);
                }
            }
            Ok(None) | Err(Fault::Cut(_)) => return true,
            Err(fault) => {
                ground.fault(fault, "a listener");
                return false;
            }
        }
    }
}
