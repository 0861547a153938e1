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
            match tokio::time::timeout(CONNECT, self.0.listener.subscribe(topic, capacity)).await {
                Ok(Some(subscription)) => Ok(subscription),
                Ok(None) | Err(_) => Err(unavailable("the connection that hears notifications is lost")),
            }
        })
    }
}
