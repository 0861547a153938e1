//! What a request changed of a session: kept as a deed, for it is done again when another replica changed it too.

use crate::protocol::LogLevel;

/// What a method of the session's own did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Did {
    /// It set the least level of log messages.
    Level(LogLevel),
    /// It subscribed to a resource.
    Subscribed(String),
    /// It ended the subscription to a resource.
    Unsubscribed(String),
}

impl Did {
    /// Whether it changed the subscriptions, which open streams must learn of.
    pub(crate) fn is_of_subscriptions(&self) -> bool {
        !matches!(self, Self::Level(_))
    }
}
