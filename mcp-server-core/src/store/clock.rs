//! The one clock: every date, age, lease and expiry of the server is read from it.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use tokio::time::Instant;

/// A clock in milliseconds since 1970.
///
/// A server has one clock: that of its store, [`Store::clock`](super::Store::clock). Replicas that share a store share
/// its time, so that a replica whose own clock is wrong decides nothing differently. Code that has to know what time it
/// is asks that clock and nothing else; code that only measures how long something takes uses `tokio::time::Instant`.
///
/// Tests stop and move time in one of two ways: with [`manual`](Self::manual), or with `tokio::time::pause` and a
/// [`steady`](Self::steady) clock, which moves with Tokio's timers.
///
/// ```
/// use std::time::Duration;
/// use mcp_server_core::store::Clock;
///
/// let clock = Clock::manual();
/// let before = clock.millis();
/// clock.advance(Duration::from_secs(1));
/// assert_eq!(clock.millis(), before + 1000);
/// clock.step_back(Duration::from_secs(2));
/// assert_eq!(clock.millis(), before - 1000);
/// ```
#[derive(Clone, Debug)]
pub struct Clock(Kind);

#[derive(Clone, Debug)]
enum Kind {
    Wall,
    Steady(Arc<Steady>),
    Manual(Arc<AtomicU64>),
}

/// The time at some instant, and how far the clock was set since.
#[derive(Debug)]
struct Steady {
    origin: u64,
    since: Instant,
    offset: AtomicI64,
}

impl Clock {
    /// The system's clock, for expiries that outlast the process.
    pub const fn wall() -> Self {
        Self(Kind::Wall)
    }

    /// A clock that starts at the system's time and from then on follows Tokio's monotonic time: it never jumps, stands
    /// still while `tokio::time::pause` is in effect, and moves with `tokio::time::advance`.
    pub fn steady() -> Self {
        Self(Kind::Steady(Arc::new(Steady { origin: wall(), since: Instant::now(), offset: AtomicI64::new(0) })))
    }

    /// A clock that moves only by [`advance`](Self::advance), for tests; its clones move together.
    pub fn manual() -> Self {
        Self(Kind::Manual(Arc::new(AtomicU64::new(wall()))))
    }

    /// The time now, in milliseconds since 1970.
    pub fn millis(&self) -> u64 {
        match &self.0 {
            Kind::Wall => wall(),
            Kind::Steady(steady) => steady.unset().saturating_add_signed(steady.offset.load(Ordering::Relaxed)),
            Kind::Manual(now) => now.load(Ordering::SeqCst),
        }
    }

    /// The time now, as a [`SystemTime`].
    pub fn time(&self) -> SystemTime {
        moment(self.millis())
    }

    /// The time at the end of a duration that begins now, in milliseconds since 1970. Durations beyond 100 million years
    /// are cut.
    pub fn deadline(&self, after: Duration) -> u64 {
        self.millis().saturating_add(span(after))
    }

    /// The same as a [`SystemTime`].
    pub fn time_after(&self, after: Duration) -> SystemTime {
        moment(self.deadline(after))
    }

    /// How long it is until a time; zero if that has passed.
    pub fn until(&self, millis: u64) -> Duration {
        Duration::from_millis(millis.saturating_sub(self.millis()))
    }

    /// How long ago a time was; zero if it is still to come.
    pub fn age(&self, millis: u64) -> Duration {
        Duration::from_millis(self.millis().saturating_sub(millis))
    }

    /// Moves a manual or a steady clock forward; does nothing to the system's.
    pub fn advance(&self, by: Duration) {
        self.shift(span(by).cast_signed());
    }

    /// Moves a manual or a steady clock back; does nothing to the system's.
    pub fn step_back(&self, by: Duration) {
        self.shift(-span(by).cast_signed());
    }

    fn shift(&self, by: i64) {
        match &self.0 {
            Kind::Wall => {}
            Kind::Steady(steady) => {
                steady.offset.fetch_add(by, Ordering::Relaxed);
            }
            Kind::Manual(now) => {
                let shifted = |now: u64| Some(now.saturating_add_signed(by));
                let _before = now.fetch_update(Ordering::SeqCst, Ordering::SeqCst, shifted);
            }
        }
    }

    /// Sets a steady clock to a time that was learned from elsewhere.
    pub(super) fn set(&self, millis: u64) {
        if let Kind::Steady(steady) = &self.0 {
            steady.offset.store(millis.cast_signed().saturating_sub(steady.unset().cast_signed()), Ordering::Relaxed);
        }
    }

    /// When a value ends that is kept for `ttl` from now on; `None` if it never does.
    pub(crate) fn end_of(&self, ttl: Option<Duration>) -> Option<u64> {
        ttl.map(|ttl| self.deadline(ttl))
    }
}

impl Steady {
    /// The time as if the clock had never been set.
    fn unset(&self) -> u64 {
        self.origin.saturating_add(span(self.since.elapsed()))
    }
}

/// A span in milliseconds, cut to what the stores can hold.
pub(crate) fn span(duration: Duration) -> u64 {
    // Half of the range: the sum of a time and a span then still fits a signed 64-bit column.
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX).min(u64::MAX >> 2)
}

fn moment(millis: u64) -> SystemTime {
    UNIX_EPOCH.checked_add(Duration::from_millis(millis)).unwrap_or(UNIX_EPOCH)
}

fn wall() -> u64 {
    span(SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or(Duration::ZERO))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_steady_clock_moves_with_paused_timers_and_can_be_set() {
        let clock = Clock::steady();
        let before = clock.millis();
        tokio::time::sleep(Duration::from_hours(3)).await;
        assert_eq!(clock.millis() - before, 3 * 3_600_000);
        clock.advance(Duration::from_secs(5));
        clock.step_back(Duration::from_secs(7));
        assert_eq!(clock.millis() - before, 3 * 3_600_000 - 2_000);
        clock.set(42);
        tokio::time::advance(Duration::from_millis(8)).await;
        assert_eq!(clock.clone().millis(), 50);
    }

    #[test]
    fn no_duration_overflows() {
        for clock in [Clock::wall(), Clock::manual(), Clock::steady()] {
            assert!(clock.deadline(Duration::MAX) >= clock.millis());
            assert!(clock.time_after(Duration::MAX) > clock.time());
            assert_eq!(clock.end_of(None), None);
            clock.advance(Duration::MAX);
            clock.advance(Duration::MAX);
            clock.step_back(Duration::MAX);
            let _time = (clock.time(), clock.until(u64::MAX), clock.age(0));
        }
    }
}
