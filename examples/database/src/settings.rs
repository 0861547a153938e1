//! Settings: what an operator may choose about the way into the database.

use std::time::Duration;

/// Limits of the way into the database.
#[derive(Clone, Copy, Debug)]
pub struct Settings {
    /// How many connections may be open at once.
    pub connections: u32,
    /// How long a call waits for a free one.
    pub wait: Duration,
    /// How long a query may run.
    pub time: Duration,
}

impl Default for Settings {
    fn default() -> Self {
        Self { connections: 5, wait: Duration::from_secs(2), time: Duration::from_secs(10) }
    }
}
