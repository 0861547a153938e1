//! The connection for messages: who listens to what, and listening again after a break.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use redis::{PushInfo, PushKind, RedisError, Value};
use tokio::sync::{Notify, watch};
use tokio_util::sync::{CancellationToken, DropGuard};

use super::fault::{in_use, unavailable};
use super::names::Names;
use super::place::Place;
use super::wire::{ANSWER, Wire, pause};
use crate::background;
use crate::store::error::StoreError;
use crate::store::hub::Hub;
use crate::store::mailbox::Subscription;

/// How often a silent connection is asked whether it lives.
const ASK: Duration = Duration::from_secs(5);
/// The most channels that are named in one command.
const AT_ONCE: usize = 256;

/// The connection for messages, kept up by a task of its own.
///
/// What the server pushes goes to the hub in the order in which it comes, and no further: a slow subscriber holds nobody
/// up, and nothing is queued without bound.
#[derive(Debug)]
pub(super) struct Listener {
    shared: Arc<Shared>,
    _stop: DropGuard,
}

#[derive(Debug)]
struct Shared {
    place: Arc<Place>,
    names: Names,
    hub: Hub,
    /// How many subscriptions each topic has here.
    topics: Mutex<HashMap<Arc<str>, usize>>,
    /// Held while channels are joined or left, so that a topic is never left after somebody joined it anew.
    order: tokio::sync::Mutex<()>,
    /// The connection, if there is one.
    wire: watch::Sender<Option<Wire>>,
    /// Some topic has lost its last subscription.
    idle: Notify,
    stop: CancellationToken,
}

impl Listener {
    /// Connects, and keeps connected from then on.
    pub(super) async fn start(place: Arc<Place>, names: Names) -> Result<Self, RedisError> {
        let shared = Arc::new(Shared {
            place,
            names,
            hub: Hub::default(),
            topics: Mutex::default(),
            order: tokio::sync::Mutex::default(),
            wire: watch::Sender::new(None),
            idle: Notify::new(),
            stop: CancellationToken::new(),
        });
        shared.connect().await?;
        let (keeper, stop) = (Arc::clone(&shared), shared.stop.clone());
        background::spawn("redis_listener", async move { stop.run_until_cancelled(keeper.keep()).await });
        Ok(Self { _stop: shared.stop.clone().drop_guard(), shared })
    }

    /// Listens to a topic, once the server has confirmed it.
    ///
    /// It is confirmed anew for each subscription: whatever was published before comes before the confirmation, and so
    /// never reaches this subscriber; whatever is published after this returns comes after it.
    pub(super) async fn subscribe(&self, topic: &str, capacity: usize) -> Result<Subscription, StoreError> {
        let shared = &self.shared;
        let seat = shared.seat(topic);
        let join = async {
            let wire = shared.wire().await?;
            let _order = shared.order.lock().await;
            shared.join(&wire, &[topic]).await.map_err(in_use)
        };
        match tokio::time::timeout(ANSWER, join).await {
            Ok(joined) => joined?,
            Err(_) => return Err(unavailable("the connection for messages is not there")),
        }
        Ok(shared.hub.subscribe(topic, capacity).guarded_by(seat))
    }

    /// Whether messages come in now.
    pub(super) fn is_up(&self) -> bool {
        self.shared.wire.borrow().as_ref().is_some_and(|wire| !wire.gone.is_cancelled())
    }

    /// Ends every subscription and gives up the connection.
    pub(super) fn close(&self) {
        self.shared.stop.cancel();
        self.shared.hub.close();
        self.shared.wire.send_replace(None);
    }
}

impl Shared {
    /// Keeps connected: notices when the connection is gone, makes another, and leaves channels nobody listens to.
    async fn keep(self: Arc<Self>) {
        loop {
            let wire = self.wire.borrow().clone();
            let Some(wire) = wire.filter(|wire| !wire.gone.is_cancelled()) else {
                self.wire.send_replace(None);
                self.reconnect().await;
                continue;
            };
            tokio::select! {
                // A connection that broke is of no more use, whatever else is to be done.
                biased;
                () = wire.gone.cancelled() => {}
                () = self.idle.notified() => self.leave(&wire).await,
                () = tokio::time::sleep(ASK) => {
                    let mut connection = wire.connection.clone();
                    if let Err(error) = redis::cmd("PING").exec_async(&mut connection).await {
                        wire.judge(&error);
                    }
                }
            }
        }
    }

    async fn reconnect(&self) {
        tracing::warn!(server = %self.place, "the connection for messages is gone; connecting again");
        for failures in 0.. {
            tokio::time::sleep(pause(failures)).await;
            match self.connect().await {
                Ok(()) => break,
                Err(error) => tracing::debug!(server = %self.place, %error, "no connection for messages yet"),
            }
        }
        tracing::info!(server = %self.place, "messages come in again");
    }

    /// Connects, joins every channel somebody listens to, and tells all of them that they may have missed something.
    async fn connect(&self) -> Result<(), RedisError> {
        let (hub, names) = (self.hub.clone(), self.names.clone());
        let wire = Wire::connect(&self.place, move |push| deal(&hub, &names, push)).await?;
        let order = self.order.lock().await;
        self.topics().retain(|_, subscriptions| *subscriptions > 0);
        let topics: Vec<Arc<str>> = self.topics().keys().cloned().collect();
        for some in topics.chunks(AT_ONCE) {
            self.join(&wire, some).await?;
        }
        self.wire.send_replace(Some(wire));
        drop(order);
        self.hub.missed();
        Ok(())
    }

    /// The connection, or the next one.
    async fn wire(&self) -> Result<Wire, StoreError> {
        let mut wires = self.wire.subscribe();
        let up = |wire: &Option<Wire>| wire.as_ref().is_some_and(|wire| !wire.gone.is_cancelled());
        let wire = self.stop.run_until_cancelled(wires.wait_for(up)).await;
        let wire = wire.and_then(Result::ok).and_then(|wire| wire.clone());
        wire.ok_or_else(|| unavailable("it was closed"))
    }

    async fn join(&self, wire: &Wire, topics: &[impl AsRef<str>]) -> Result<(), RedisError> {
        let channels: Vec<String> = topics.iter().map(|topic| self.names.channel(topic.as_ref())).collect();
        let joined = wire.connection.clone().subscribe(channels).await;
        joined.inspect_err(|error| wire.judge(error))
    }

    /// Leaves the channels of topics without subscriptions.
    async fn leave(&self, wire: &Wire) {
        let _order = self.order.lock().await;
        let mut left = Vec::new();
        self.topics().retain(|topic, subscriptions| {
            if *subscriptions == 0 {
                left.push(self.names.channel(topic));
            }
            *subscriptions > 0
        });
        for some in left.chunks(AT_ONCE) {
            if let Err(error) = wire.connection.clone().unsubscribe(some).await {
                wire.judge(&error);
                return;
            }
        }
    }

    /// Counts one more subscription to a topic.
    fn seat(self: &Arc<Self>, topic: &str) -> Seat {
        let topic: Arc<str> = Arc::from(topic);
        *self.topics().entry(Arc::clone(&topic)).or_default() += 1;
        Seat { shared: Arc::clone(self), topic }
    }

    fn topics(&self) -> MutexGuard<'_, HashMap<Arc<str>, usize>> {
        self.topics.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// One subscription's share of a topic, given up with it.
#[derive(Debug)]
struct Seat {
    shared: Arc<Shared>,
    topic: Arc<str>,
}

impl Drop for Seat {
    fn drop(&mut self) {
        if let Some(subscriptions) = self.shared.topics().get_mut(&self.topic) {
            *subscriptions -= 1;
            if *subscriptions == 0 {
                self.shared.idle.notify_one();
            }
        }
    }
}

/// Hands a message to those who listen to its topic.
fn deal(hub: &Hub, names: &Names, push: PushInfo) {
    if push.kind != PushKind::Message {
        return;
    }
    let mut data = push.data.into_iter();
    if let (Some(Value::BulkString(channel)), Some(Value::BulkString(message))) = (data.next(), data.next())
        && let Some(topic) = names.topic(&channel)
    {
        hub.publish(topic, &Bytes::from(message));
    }
}
