//! The relay: changes that are announced on one replica reach the subscribers of all.
//!
//! The bus may lose a hint, and says so; then every subscriber is told that everything it asked for may have changed. So
//! a change after the acknowledgement of a subscription is told at least once, wherever it was announced, as soon as the
//! store can be reached.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use serde::{Deserialize, Serialize};
use tokio::sync::Notify;
use tokio_util::task::AbortOnDropHandle;

use super::subscriptions::Hub;
use crate::background;
use crate::store::{Event, Store, Subscription, limit};
use crate::tool::Change;

const TOPIC: &str = "changes";
/// How many different changes wait to be published before they count as "everything".
const WAITING: usize = 1_024;
const AGAIN: Duration = Duration::from_millis(100);
const AT_MOST: Duration = Duration::from_secs(5);

/// What was announced here and the other replicas do not know yet.
#[derive(Debug, Default)]
pub(super) struct Outgoing {
    waiting: Mutex<Waiting>,
    more: Notify,
}

#[derive(Debug, Default)]
struct Waiting {
    changes: Vec<Change>,
    everything: bool,
}

/// A message of the relay.
#[derive(Serialize, Deserialize)]
struct Told {
    /// The replica that tells it: it knows already.
    from: String,
    /// What changed; everything may have without it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    change: Option<Change>,
}

impl Outgoing {
    /// Has the other replicas told. The same change waits once, however often it happens.
    pub(super) fn add(&self, change: Change) {
        let mut waiting = self.lock();
        if waiting.everything || waiting.changes.contains(&change) {
            return;
        }
        if waiting.changes.len() < WAITING {
            waiting.changes.push(change);
        } else {
            *waiting = Waiting { changes: Vec::new(), everything: true };
        }
        drop(waiting);
        self.more.notify_one();
    }

    /// Takes what waits.
    fn take(&self) -> Waiting {
        std::mem::take(&mut *self.lock())
    }

    /// Puts back what could not be told.
    fn put_back(&self, untold: Option<Change>) {
        match untold {
            Some(change) => self.add(change),
            None => self.lock().everything = true,
        }
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Waiting> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Joins the bus, for as long as the handle is kept; while the store is away it tries again.
pub(super) async fn attach(store: Store, me: String, hub: Arc<Hub>, outgoing: Arc<Outgoing>) -> AbortOnDropHandle<()> {
    let first = subscribe(&store).await;
    AbortOnDropHandle::new(background::spawn("change_relay", async move {
        tokio::join!(hear(&store, &hub, &me, first), tell(&store, &me, &outgoing));
    }))
}

async fn subscribe(store: &Store) -> Option<Subscription> {
    let subscribed = store.subscribe(TOPIC, limit::WAITING).await;
    subscribed.inspect_err(|error| tracing::warn!(%error, "changes on other replicas cannot be heard of now")).ok()
}

/// Passes on what other replicas announce, until the store is closed.
async fn hear(store: &Store, hub: &Hub, me: &str, first: Option<Subscription>) {
    let mut subscription = match first {
        Some(subscription) => subscription,
        None => late(store, hub).await,
    };
    while let Some(event) = subscription.recv().await {
        match event {
            Event::Message(message) => match serde_json::from_slice(&message) {
                Ok(Told { from, .. }) if from == me => {}
                Ok(Told { change: Some(change), .. }) => hub.announce(&change),
                // One of a later version, with a change of its own, may be about anything.
                Ok(Told { change: None, .. }) | Err(_) => hub.announce_everything(),
            },
            Event::Missed(_) => hub.announce_everything(),
        }
    }
}

/// Subscribes once that is possible; nobody knows what was announced until then.
async fn late(store: &Store, hub: &Hub) -> Subscription {
    let mut pause = AGAIN;
    loop {
        tokio::time::sleep(pause).await;
        if let Some(subscription) = subscribe(store).await {
            hub.announce_everything();
            return subscription;
        }
        pause = (pause * 2).min(AT_MOST);
    }
}

/// Publishes what is announced here.
async fn tell(store: &Store, me: &str, outgoing: &Outgoing) {
    let mut pause = AGAIN;
    loop {
        let Waiting { changes, everything } = outgoing.take();
        if changes.is_empty() && !everything {
            outgoing.more.notified().await;
            continue;
        }
        let mut untold = Vec::new();
        for change in changes.into_iter().map(Some).chain(everything.then_some(None)) {
            let message = message(me, change.as_ref());
            if let Err(error) = store.publish(TOPIC, message).await {
                tracing::warn!(%error, "other replicas could not be told of a change yet");
                untold.push(change);
            }
        }
        if untold.is_empty() {
            pause = AGAIN;
        } else {
            for change in untold {
                outgoing.put_back(change);
            }
            tokio::time::sleep(pause).await;
            pause = (pause * 2).min(AT_MOST);
        }
    }
}

/// A change whose name is too long for a hint is told as "everything".
fn message(me: &str, change: Option<&Change>) -> Vec<u8> {
    let write = |change: Option<&Change>| {
        serde_json::to_vec(&Told { from: me.to_owned(), change: change.cloned() }).unwrap_or_default()
    };
    let whole = write(change);
    if whole.len() <= limit::MESSAGE { whole } else { write(None) }
}

#[cfg(test)]
mod tests {
    use std::future::poll_fn;

    use super::*;
    use crate::dispatch::subscriptions::{Filter, Listener};

    fn wants_all() -> Filter {
        Filter { tools: true, prompts: true, resources: true, uris: vec!["x://a".into()] }
    }

    async fn next(listener: &Listener) -> Change {
        poll_fn(|task| listener.poll_change(task)).await.expect("it goes on")
    }

    /// The relay of one replica, as a task of the test.
    async fn replica(store: &Store, me: &str) -> (Arc<Hub>, Arc<Outgoing>, AbortOnDropHandle<()>) {
        let (hub, outgoing) = (Hub::new(), Arc::<Outgoing>::default());
        let relay = attach(store.clone(), me.to_owned(), Arc::clone(&hub), Arc::clone(&outgoing)).await;
        (hub, outgoing, relay)
    }

    #[tokio::test]
    async fn a_change_on_one_replica_is_told_on_the_other_once() {
        let store = Store::memory();
        let (here, outgoing, _relay) = replica(&store, "here").await;
        let (there, _, _other) = replica(&store, "there").await;
        let (mine, theirs) = (here.listen(wants_all()), there.listen(wants_all()));
        outgoing.add(Change::Tools);
        outgoing.add(Change::Tools);
        outgoing.add(Change::Resource("x://a/part".into()));
        assert_eq!(next(&theirs).await, Change::Tools);
        assert_eq!(next(&theirs).await, Change::Resource("x://a/part".into()));
        here.announce(&Change::Prompts);
        assert_eq!(next(&mine).await, Change::Prompts, "its own came back to it from the bus");
    }

    #[tokio::test]
    async fn a_lost_hint_and_one_that_cannot_be_read_mean_everything() {
        let store = Store::memory();
        let (hub, _, _relay) = replica(&store, "here").await;
        let listener = hub.listen(wants_all());
        store.publish(TOPIC, "{").await.unwrap();
        let all = [Change::Tools, Change::Prompts, Change::Resources, Change::Resource("x://a".into())];
        for change in all {
            assert_eq!(next(&listener).await, change);
        }
    }

    #[test]
    fn a_hint_is_never_too_long() {
        let long = Change::Resource(format!("x://{}", "a".repeat(limit::MESSAGE)));
        let told: Told = serde_json::from_slice(&message("me", Some(&long))).unwrap();
        assert!(told.change.is_none());
        let outgoing = Outgoing::default();
        for number in 0..=WAITING {
            outgoing.add(Change::Resource(number.to_string()));
        }
        let waiting = outgoing.take();
        assert!(waiting.everything && waiting.changes.is_empty());
    }
}
