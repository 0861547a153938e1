//! The connection that listens: it comes back by itself, and tells everybody that they may have missed something.

use std::time::Duration;

use sqlx::Error;
use sqlx::postgres::{PgConnectOptions, PgListener, PgPoolOptions};
use tokio::sync::watch;
use tokio::task::JoinHandle;

use super::address::Address;
use super::envelope;
use super::fault::late;
use super::pool::CONNECT;
use crate::store::hub::Hub;

/// How often a silent connection is asked whether it lives, and how long it may take to say so.
const HEARTBEAT: Duration = Duration::from_secs(5);
/// The first and the longest pause before a lost connection is made again.
const PAUSES: (Duration, Duration) = (Duration::from_millis(50), Duration::from_secs(2));

/// The task that hears notifications and deals them out; it ends with this.
pub(super) struct Listener {
    listening: watch::Receiver<bool>,
    task: JoinHandle<()>,
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
        let (switch, listening) = watch::channel(true);
        let task = tokio::spawn(async move { ear.stay(first, switch).await });
        Ok(Self { listening, task })
    }

    /// Waits until notifications are heard; `false` if they never will be.
    pub(super) async fn ready(&self) -> bool {
        self.listening.clone().wait_for(|listening| *listening).await.is_ok()
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
    async fn stay(&self, mut listener: PgListener, switch: watch::Sender<bool>) {
        loop {
            let error = self.hear(&mut listener).await;
            switch.send_replace(false);
            tracing::warn!(?error, "the connection that hears notifications is lost");
            drop(listener);
            listener = self.again().await;
            // Told after it hears again: whoever now reads the truth misses nothing after it.
            self.hub.missed();
            switch.send_replace(true);
            tracing::info!("notifications are heard again");
        }
    }

    /// Deals out what comes in until the connection is lost.
    async fn hear(&self, listener: &mut PgListener) -> Option<Error> {
        let mut heartbeat = tokio::time::interval(HEARTBEAT);
        heartbeat.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        loop {
            tokio::select! {
                heard = listener.try_recv() => match heard {
                    Ok(Some(notification)) => {
                        if let Some((topic, message)) = envelope::read(notification.payload()) {
                            self.hub.publish(topic, &message);
                        }
                    }
                    Ok(None) => return None,
                    Err(error) => return Some(error),
                },
                _ = heartbeat.tick() => {
                    let asked = tokio::time::timeout(HEARTBEAT, sqlx::raw_sql("SELECT 1").execute(&mut *listener)).await;
                    if let Err(error) = asked.unwrap_or_else(|_| Err(late("no answer in time"))) {
                        return Some(error);
                    }
                }
            }
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
