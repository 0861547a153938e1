//! Topics, as channels of the server.

use bytes::Bytes;

use super::engine::Redis;
use crate::store::bus::Bus;
use crate::store::mailbox::Subscription;
use crate::store::reply::Reply;

impl Bus for Redis {
    fn publish<'a>(&'a self, topic: &'a str, message: Bytes) -> Reply<'a, ()> {
        Box::pin(self.link.send(async move |connection| {
            let mut publish = redis::cmd("PUBLISH");
            publish.arg(self.names.channel(topic)).arg(&message[..]).exec_async(connection).await
        }))
    }

    fn subscribe<'a>(&'a self, topic: &'a str, capacity: usize) -> Reply<'a, Subscription> {
        Box::pin(self.listener.subscribe(topic, capacity))
    }
}
