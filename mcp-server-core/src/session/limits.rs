//! The limits of sessions, as the configuration set them.

use std::time::Duration;

use crate::store::Keep;

/// How many sessions there may be, for how long, and how much of their streams is kept.
#[derive(Clone, Debug)]
pub(crate) struct SessionLimits {
    /// How many sessions there may be.
    pub(crate) max: u32,
    /// How many of them one principal may have.
    pub(crate) max_per_principal: u32,
    /// How long a session lives without being used.
    pub(crate) idle_timeout: Duration,
    /// How many events of a stream can be resumed from.
    pub(crate) resume_events: u32,
    /// How many bytes of them.
    pub(crate) resume_bytes: u64,
    /// For how long.
    pub(crate) resume_for: Duration,
    /// How many URIs a session may subscribe to.
    pub(crate) uris_per_subscription: usize,
    /// How long a session lives that is sealed into its id; none if sessions are kept in the store.
    pub(crate) sealed_for: Option<Duration>,
}

impl SessionLimits {
    /// How much of a stream is kept: the first delivery needs a little of it, whatever may be resumed.
    pub(super) fn keep(&self) -> Keep {
        Keep {
            entries: self.resume_events.max(16),
            bytes: self.resume_bytes.max(64 << 10),
            age: self.resume_for.max(Duration::from_secs(30)),
        }
    }

    /// Whether streams can be resumed at all; if not, their events have no ids.
    pub(crate) fn are_resumable(&self) -> bool {
        self.resume_events > 0 && self.resume_bytes > 0 && !self.resume_for.is_zero()
    }
}

impl Default for SessionLimits {
    fn default() -> Self {
        Self {
            max: 10_000,
            max_per_principal: 1_000,
            idle_timeout: Duration::from_mins(30),
            resume_events: 256,
            resume_bytes: 1 << 20,
            resume_for: Duration::from_mins(5),
            uris_per_subscription: 256,
            sealed_for: None,
        }
    }
}
