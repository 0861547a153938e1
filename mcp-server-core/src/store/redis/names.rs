//! What keys and channels are called.

use super::place::Place;

/// The names of one store among whatever else the server holds.
///
/// Every operation touches a single key, so that any of them is whole wherever that key lies.
#[derive(Clone, Debug)]
pub(super) struct Names {
    prefix: String,
    /// Channels are not of a database, so its number is in their names.
    channels: String,
}

impl Names {
    pub(super) fn new(place: &Place) -> Self {
        let Place { prefix, .. } = place;
        Self { prefix: prefix.clone(), channels: format!("{prefix}@{}:bus:", place.database()) }
    }

    /// The key of a value.
    pub(super) fn value(&self, key: &str) -> String {
        format!("{}:kv:{key}", self.prefix)
    }

    /// The key that is written to see whether the server can be written to.
    pub(super) fn probe(&self) -> String {
        format!("{}:probe", self.prefix)
    }

    /// The key of a stream.
    pub(super) fn stream(&self, stream: &str) -> String {
        format!("{}:log:{stream}", self.prefix)
    }

    /// The channel of a topic.
    pub(super) fn channel(&self, topic: &str) -> String {
        format!("{}{topic}", self.channels)
    }

    /// The topic of a channel.
    pub(super) fn topic<'a>(&self, channel: &'a [u8]) -> Option<&'a str> {
        std::str::from_utf8(channel).ok()?.strip_prefix(&self.channels)
    }
}
