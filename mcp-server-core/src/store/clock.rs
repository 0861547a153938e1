//! The time by which values expire.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

/// A clock that an engine counts lives by, in milliseconds since 1970.
///
/// ```
/// use std::time::Duration;
/// use mcp_server_core::store::Clock;
///
/// let clock = Clock::manual();
/// let before = clock.millis();
/// clock.advance(Duration::from_secs(1));
/// assert_eq!(clock.millis(), before + 1000);
/// ```
#[derive(Clone, Debug)]
pub struct Clock(Kind);

#[derive(Clone, Debug)]
enum Kind {
    Wall,
    Steady { origin: u64, since: Instant },
    Manual(Arc<AtomicU64>),
}

impl Clock {
    /// The system's clock, for lives that outlast the process.
    pub const fn wall() -> Self {
        Self(Kind::Wall)
    }

    /// A clock that starts at the system's time and never jumps, for lives that end with the process.
    pub fn steady() -> Self {
        Self(Kind::Steady { origin: wall(), since: Instant::now() })
    }

    /// A clock that moves only by [`advance`](Self::advance), for tests; its clones move together.
    pub fn manual() -> Self {
        Self(Kind::Manual(Arc::new(AtomicU64::new(wall()))))
    }

    /// The time now.
    pub fn millis(&self) -> u64 {
        match &self.0 {
            Kind::Wall => wall(),
            Kind::Steady { origin, since } => origin.saturating_add(span(since.elapsed())),
            Kind::Manual(now) => now.load(Ordering::SeqCst),
        }
    }

    /// Moves a manual clock on; does nothing to the others.
    pub fn advance(&self, by: Duration) {
        if let Kind::Manual(now) = &self.0 {
            now.fetch_add(span(by), Ordering::SeqCst);
        }
    }

    /// When a life that begins now ends; `None` if it never does.
    pub(crate) fn end_of(&self, life: Option<Duration>) -> Option<u64> {
        life.map(|life| self.millis().saturating_add(span(life)))
    }
}

/// A span in milliseconds, cut to what the stores can hold.
pub(crate) fn span(duration: Duration) -> u64 {
    // Half of the range: the sum of a time and a span then still fits a signed 64-bit column.
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX).min(u64::MAX >> 2)
}

fn wall() -> u64 {
    span(SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or(Duration::ZERO))
}
