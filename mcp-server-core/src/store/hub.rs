//! A bus within one process: who listens to what.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};

use bytes::Bytes;

use super::mailbox::{Feed, Subscription};

/// Topics and their subscribers in this process.
///
/// It is the whole bus of `memory` and `sqlite`; an engine with a connection of its own deals out what comes in
/// through one. A topic without subscribers takes no memory.
#[derive(Clone, Debug, Default)]
pub struct Hub(Arc<Mutex<Topics>>);

#[derive(Debug, Default)]
struct Topics {
    feeds: HashMap<Arc<str>, Vec<Feed>>,
    closed: bool,
}

impl Hub {
    /// Hands a message to every subscriber of a topic; says how many there were.
    pub fn publish(&self, topic: &str, message: &Bytes) -> usize {
        // The feeds wake their subscribers, which must not happen under the lock of all topics.
        let feeds = self.lock().feeds.get(topic).cloned().unwrap_or_default();
        feeds.iter().filter(|feed| feed.push(message.clone())).count()
    }

    /// Adds a subscriber to a topic.
    pub fn subscribe(&self, topic: &str, capacity: usize) -> Subscription {
        let (feed, subscription) = Subscription::new(capacity);
        let mut topics = self.lock();
        if topics.closed {
            feed.end();
            return subscription;
        }
        let topic: Arc<str> = Arc::from(topic);
        topics.feeds.entry(Arc::clone(&topic)).or_default().push(feed);
        subscription.guarded_by(Place { topics: Arc::downgrade(&self.0), topic })
    }

    /// Tells every subscriber of every topic that something may have been missed.
    pub fn missed(&self) {
        for feed in self.all() {
            feed.missed();
        }
    }

    /// Ends every subscription, now and from now on.
    pub fn close(&self) {
        self.lock().closed = true;
        for feed in self.all() {
            feed.end();
        }
    }

    /// How many topics have subscribers.
    pub fn topics(&self) -> usize {
        self.lock().feeds.len()
    }

    fn all(&self) -> Vec<Feed> {
        self.lock().feeds.values().flatten().cloned().collect()
    }

    fn lock(&self) -> MutexGuard<'_, Topics> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A subscriber's place in the hub, given up with the subscription.
#[derive(Debug)]
struct Place {
    topics: Weak<Mutex<Topics>>,
    topic: Arc<str>,
}

impl Drop for Place {
    fn drop(&mut self) {
        let Some(topics) = self.topics.upgrade() else { return };
        let mut topics = topics.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(feeds) = topics.feeds.get_mut(&self.topic) {
            feeds.retain(|feed| !feed.is_dropped());
            if feeds.is_empty() {
                topics.feeds.remove(&self.topic);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::Event;

    #[test]
    fn a_topic_goes_with_its_last_subscriber() {
        let hub = Hub::default();
        let one = hub.subscribe("a", 1);
        let two = hub.subscribe("a", 1);
        let other = hub.subscribe("b", 1);
        assert_eq!((hub.topics(), hub.publish("a", &Bytes::new())), (2, 2));
        drop(one);
        assert_eq!((hub.topics(), hub.publish("a", &Bytes::new())), (2, 1));
        drop((two, other));
        assert_eq!((hub.topics(), hub.publish("a", &Bytes::new())), (0, 0));
    }

    #[test]
    fn a_lost_connection_is_told_to_everybody() {
        let hub = Hub::default();
        let mut listeners = [hub.subscribe("a", 1), hub.subscribe("b", 1)];
        hub.missed();
        for listener in &mut listeners {
            assert_eq!(listener.try_recv(), Some(Event::Missed(1)));
            assert_eq!(listener.try_recv(), None);
        }
    }

    #[tokio::test]
    async fn a_closed_hub_ends_subscriptions_old_and_new() {
        let hub = Hub::default();
        let mut before = hub.subscribe("a", 1);
        hub.publish("a", &Bytes::from_static(b"last"));
        let waiting = {
            let mut waiting = hub.subscribe("b", 1);
            tokio::spawn(async move { waiting.recv().await })
        };
        tokio::task::yield_now().await;
        hub.close();
        assert_eq!(before.recv().await, Some(Event::Message(Bytes::from_static(b"last"))));
        assert_eq!(before.recv().await, None);
        assert_eq!(waiting.await.unwrap(), None);
        assert_eq!(hub.subscribe("a", 1).recv().await, None);
    }
}
