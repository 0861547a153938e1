//! The connection that listens: it comes back by itself, and tells everybody that they may have missed something.

use std::time::Duration;

use sqlx::Error;
use sqlx::postgres::{PgConnectOptions, PgListener, PgNotification, PgPoolOptions};
use tokio::sync::{mpsc, oneshot};
use tokio::task::JoinHandle;

use super::address::Address;
use super::envelope;
use super::fault::late;
use super::pool::CONNECT;
use crate::background;
use crate::store::hub::Hub;
use crate::store::mailbox::Subscription;

/// How often a silent connection is asked whether it lives, and how long it may take to say so.
const HEARTBEAT: Duration = Duration::from_secs(5);
/// The first and the longest pause before a lost connection is made again.
const PAUSES: (Duration, Duration) = (Duration::from_millis(50), Duration::from_secs(2));

/// How many ask for a subscription at once before others wait their turn.
const ASKING: usize = 64;

/// The task that hears notifications and deals them out; it ends with this.
pub(super) struct Listener {
    asking: mpsc::Sender<Request>,
    task: JoinHandle<()>,
}

/// Somebody wants to hear what is published from now on.
struct Request {
    topic: String,
    capacity: usize,
    reply: oneshot::Sender<Subscription>,
}

/// What the task needs.
struct Ear {
    options: PgConnectOptions,
    channel: String,
    hub: Hub,
}

impl Listener {
    /// Listens, and goes on listening.
    pub(super) async fn start(address: &Address, hub: &Hub) -> Result<Self, Error> {
        let ear = Ear { options: address.working.clone(), channel: address.schema.clone(), hub: hub.clone() };
        let first = ear.listen().await?;
        let (asking, asked) = mpsc::channel(ASKING);
        let task = background::spawn("postgres_listener", async move { ear.stay(first, asked).await });
        Ok(Self { asking, task })
    }

    /// A subscription that begins behind everything that was published before; `None` if the connection was lost.
    pub(super) async fn subscribe(&self, topic: &str, capacity: usize) -> Option<Subscription> {
        let (reply, subscription) = oneshot::channel();
        self.asking.send(Request { topic: topic.to_owned(), capacity, reply }).await.ok()?;
        subscription.await.ok()
    }

    pub(super) fn stop(&self) {
        self.task.abort();
    }
}

impl Drop for Listener {
    fn drop(&mut self) {
        self.stop();
    }
}

impl Ear {
    /// A connection on which notifications come in from now on.
    async fn listen(&self) -> Result<PgListener, Error> {
        let connecting = async {
            // The driver wants a pool; each connection gets a new one, so that a dead one stands in nobody's way.
            let pool = PgPoolOptions::new().max_connections(1).max_lifetime(None).idle_timeout(None);
            let mut listener = PgListener::connect_with(&pool.connect_with(self.options.clone()).await?).await?;
            // The driver would be silent about what was missed.
            listener.eager_reconnect(false);
            listener.listen(&self.channel).await?;
            Ok(listener)
        };
        tokio::time::timeout(CONNECT, connecting).await.unwrap_or_else(|_| Err(late("no connection in time")))
    }

    /// Listens until the task is ended, over as many connections as that takes.
    async fn stay(&self, mut listener: PgListener, mut asked: mpsc::Receiver<Request>) {
        loop {
            let lost = self.hear(&mut listener, &mut asked).await;
            tracing::warn!(
                error = lost.map(tracing::field::display),
                "the connection that hears notifications is lost"
            );
            drop(listener);
            listener = self.again().await;
            // Told after it hears again: whoever now reads the truth misses nothing after it.
            self.hub.missed();
            tracing::info!("notifications are heard again");
        }
    }

    /// Deals out what comes in until the connection is lost.
    async fn hear(&self, listener: &mut PgListener, asked: &mut mpsc::Receiver<Request>) -> Option<Error> {
        let mut heartbeat = tokio::time::interval(HEARTBEAT);
        heartbeat.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        loop {
            let done = tokio::select! {
                heard = listener.try_recv() => match heard {
                    Ok(Some(notification)) => {
                        self.deal(&notification);
                        Ok(())
                    }
                    Ok(None) => return None,
                    Err(error) => Err(error),
                },
                Some(request) = asked.recv() => self.admit(listener, request, asked).await,
                _ = heartbeat.tick() => fence(listener).await,
            };
            if let Err(error) = done {
                return Some(error);
            }
        }
    }

    /// Lets subscribers in behind what was published before they asked.
    async fn admit(
        &self,
        listener: &mut PgListener,
        first: Request,
        asked: &mut mpsc::Receiver<Request>,
    ) -> Result<(), Error> {
        let mut requests = vec![first];
        while let Ok(request) = asked.try_recv() {
            requests.push(request);
        }
        fence(listener).await?;
        while let Some(notification) = listener.next_buffered() {
            self.deal(&notification);
        }
        for Request { topic, capacity, reply } in requests {
            // Whoever has lost patience does not take it, and its place is free again.
            drop(reply.send(self.hub.subscribe(&topic, capacity)));
        }
        Ok(())
    }

    fn deal(&self, notification: &PgNotification) {
        if let Some((topic, message)) = envelope::read(notification.payload()) {
            self.hub.publish(topic, &message);
        }
    }

    async fn again(&self) -> PgListener {
        let (mut pause, longest) = PAUSES;
        loop {
            tokio::time::sleep(pause).await;
            match self.listen().await {
                Ok(listener) => return listener,
                Err(error) => tracing::debug!(%error, "notifications cannot be heard yet"),
            }
            pause = (pause * 2).min(longest);
        }
    }
}

/// Asks the server for a word. What was published before comes in ahead of its answer: since PostgreSQL 14 a session
/// hands out its notifications before it says that it is ready.
async fn fence(listener: &mut PgListener) -> Result<(), Error> {
    let asked = tokio::time::timeout(HEARTBEAT, sqlx::raw_sql("SELECT 1").execute(listener)).await;
    asked.unwrap_or_else(|_| Err(late("no answer in time"))).map(drop)
}
