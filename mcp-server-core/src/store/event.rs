//! What a subscriber is told.

use bytes::Bytes;

/// What a subscriber is told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// A message, as it was published.
    Message(Bytes),
    /// Messages were missed here, at least this many: the subscriber was slow, or the engine had lost its connection.
    ///
    /// Read again whatever the topic is about.
    Missed(u64),
}
