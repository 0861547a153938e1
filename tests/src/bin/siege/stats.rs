//! Latencies and what is read from them.

use std::time::Duration;

/// Times of requests, and how many failed.
#[derive(Clone, Debug, Default)]
pub(crate) struct Latencies {
    times: Vec<Duration>,
    pub(crate) failed: usize,
}

impl Latencies {
    pub(crate) fn add(&mut self, time: Option<Duration>) {
        match time {
            Some(time) => self.times.push(time),
            None => self.failed += 1,
        }
    }

    pub(crate) fn count(&self) -> usize {
        self.times.len()
    }

    /// The time that 99 of 100 requests took at most; of less than 100, all.
    pub(crate) fn p99(&self) -> Duration {
        let mut times = self.times.clone();
        times.sort_unstable();
        let at = times.len() * 99 / 100;
        times.get(at.min(times.len().saturating_sub(1))).copied().unwrap_or_default()
    }
}
