//! Changes of a session, as values: each is applied to the record as the store has it.

use crate::protocol::LogLevel;

/// One change of a session's record.
///
/// Applying a change twice has the effect of applying it once. A change whose outcome is unknown can therefore be sent
/// again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum SessionChange {
    /// Sets the least level of log messages.
    SetLogLevel(LogLevel),
    /// Subscribes to a resource.
    Subscribe(Box<str>),
    /// Ends the subscription to a resource.
    Unsubscribe(Box<str>),
    /// Changes nothing but the time of the last use, which every change sets.
    Renew,
}

impl SessionChange {
    /// Returns whether other replicas must know of the change before it is confirmed.
    pub(super) fn is_announced(&self) -> bool {
        !matches!(self, Self::Renew)
    }
}
