//! The plan: what is broken when, from the seed alone.

use std::fmt;
use std::time::Duration;

use crate::choice::Choices;

/// Something that breaks, and comes back after a while.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Break {
    /// A replica gets SIGKILL.
    Replica(usize),
    /// A replica is stopped where it is, for longer than its lease, and goes on.
    Pause(usize),
    /// The store is killed.
    Store,
}

/// One break of the plan.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Fault {
    /// When, from the start.
    pub(crate) at: Duration,
    pub(crate) what: Break,
    /// How long it stays away.
    pub(crate) away: Duration,
}

/// Every break of a run, in order; one is mended before the next begins.
#[derive(Clone, Debug)]
pub(crate) struct Plan(pub(crate) Vec<Fault>);

impl Plan {
    /// Breaks things from shortly after the start until the time is over.
    pub(crate) fn new(seed: u64, seconds: u64, replicas: usize, store: bool) -> Self {
        let mut choices = Choices::new(seed, 0);
        let end = Duration::from_secs(seconds);
        let mut at = Duration::from_millis(choices.within(1500, 2500));
        let mut faults = Vec::new();
        while at < end {
            // The store is the second to go, so that a short run has both; later on it is one in four.
            let replica = usize::try_from(choices.within(0, replicas as u64)).unwrap_or(0);
            let what = if store && (faults.len() == 1 || (faults.len() > 2 && choices.one_in(4))) {
                Break::Store
            } else if faults.len() == 2 || (faults.len() > 2 && choices.one_in(4)) {
                // The third is a pause, for the same reason.
                Break::Pause(replica)
            } else {
                Break::Replica(replica)
            };
            let away = Duration::from_millis(match what {
                Break::Replica(_) => choices.within(50, 2000),
                // Over one and a half leases, so that the others take its work over.
                Break::Pause(_) => choices.within(7_000, 9_000),
                Break::Store => choices.within(300, 2500),
            });
            faults.push(Fault { at, what, away });
            at += away + Duration::from_millis(choices.within(500, 2500));
        }
        Self(faults)
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (at, away) = (self.at.as_secs_f64(), self.away.as_secs_f64());
        match self.what {
            Break::Replica(number) => write!(f, "{at:.1} s: replica {number} is killed, away for {away:.1} s"),
            Break::Pause(number) => write!(f, "{at:.1} s: replica {number} is paused for {away:.1} s"),
            Break::Store => write!(f, "{at:.1} s: the store is killed, away for {away:.1} s"),
        }
    }
}
