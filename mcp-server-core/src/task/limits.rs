//! The limits of tasks, as the configuration set them.

use std::time::Duration;

/// The limits that hold for every task.
#[derive(Clone, Debug)]
pub(crate) struct TaskLimits {
    /// How long a task is kept, from its creation on.
    pub(crate) ttl: Duration,
    /// How long a client may ask for it to be kept.
    pub(crate) max_ttl: Duration,
    /// How often clients are told to look.
    pub(crate) poll_interval: Duration,
    /// How long the work may take.
    pub(crate) timeout: Duration,
    /// How many tasks are kept.
    pub(crate) max: u32,
    /// How many tasks of one principal are kept.
    pub(crate) max_per_principal: u32,
    /// How many times the work is begun, if its workers die.
    pub(crate) attempts: u32,
}

impl Default for TaskLimits {
    fn default() -> Self {
        Self {
            ttl: Duration::from_hours(2),
            max_ttl: Duration::from_hours(24),
            poll_interval: Duration::from_secs(1),
            timeout: Duration::from_hours(1),
            max: 10_000,
            max_per_principal: 1000,
            attempts: 3,
        }
    }
}
