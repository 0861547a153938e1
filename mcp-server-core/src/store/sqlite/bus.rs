//! Topics, within this process.

use std::future::ready;

use bytes::Bytes;

use super::engine::Sqlite;
use crate::store::bus::Bus;
use crate::store::mailbox::Subscription;
use crate::store::reply::Reply;

impl Bus for Sqlite {
    fn publish<'a>(&'a self, topic: &'a str, message: Bytes) -> Reply<'a, ()> {
        self.hub.publish(topic, &message);
        Box::pin(ready(Ok(())))
    }

    fn subscribe<'a>(&'a self, topic: &'a str, capacity: usize) -> Reply<'a, Subscription> {
        Box::pin(ready(Ok(self.hub.subscribe(topic, capacity))))
    }
}
