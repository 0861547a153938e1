//! The third primitive: topics that wake those who listen.

use bytes::Bytes;

#[cfg(doc)]
use super::event::Event;
use super::mailbox::Subscription;
use super::reply::Reply;

/// Topics, at most once and best effort.
///
/// A message reaches those who were subscribed when it was published, on every replica that shares the store (with
/// `memory` and `sqlite`: in this process). It may be lost, and is then usually told as [`Event::Missed`]; it is never
/// delivered twice, and the messages of one publisher to one topic arrive in their order. A publisher hears itself.
pub trait Bus: Send + Sync {
    /// Sends a message to whoever listens; nobody listening is no error, and a slow listener holds nobody up.
    fn publish<'a>(&'a self, topic: &'a str, message: Bytes) -> Reply<'a, ()>;

    /// Listens to a topic; once this returns, nothing that is published afterwards is passed over in silence.
    ///
    /// At most `capacity` messages wait for the subscriber; when more come, the oldest go and are counted.
    fn subscribe<'a>(&'a self, topic: &'a str, capacity: usize) -> Reply<'a, Subscription>;
}
