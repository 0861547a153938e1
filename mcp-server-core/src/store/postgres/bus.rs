//! Topics, over notifications: one channel for the schema, dealt out within the process.

use bytes::Bytes;

use super::engine::Postgres;
use super::envelope;
use super::fault::unavailable;
use super::pool::CONNECT;
use crate::store::bus::Bus;
use crate::store::mailbox::Subscription;
use crate::store::reply::Reply;

const NOTIFY: &str = "SELECT 1 FROM pg_notify($1, $2)";

impl Bus for Postgres {
    fn publish<'a>(&'a self, topic: &'a str, message: Bytes) -> Reply<'a, ()> {
        Box::pin(async move {
            let text = envelope::write(topic, &message);
            self.write(sqlx::query(NOTIFY).bind(self.schema()).bind(text)).await.map(drop)
        })
    }

    fn subscribe<'a>(&'a self, topic: &'a str, capacity: usize) -> Reply<'a, Subscription> {
        Box::pin(async move {
            // In this order: if the connection is lost right after, the subscriber is told with all the others.
            let subscription = self.0.hub.subscribe(topic, capacity);
            match tokio::time::timeout(CONNECT, self.0.listener.ready()).await {
                Ok(true) => Ok(subscription),
                Ok(false) => Err(unavailable("the store is closed")),
                Err(_) => Err(unavailable("the connection that listens is lost")),
            }
        })
    }
}
