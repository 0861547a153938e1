//! Events: what an exchange gives out until it is over.

use bytes::Bytes;

use super::answer::Answer;

/// What a running exchange gives out.
#[derive(Debug)]
pub(crate) enum Event {
    /// A message before the answer: a notification, or a request to a legacy client.
    Message(Bytes),
    /// The answer; nothing comes after it.
    Done(Answer),
}
