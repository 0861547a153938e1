//! The calls that failed last, for people who look for the cause of one.

use std::collections::VecDeque;
use std::sync::{Mutex, PoisonError};
use std::time::SystemTime;

/// How many are remembered of those that the server has to answer for, and of those that callers made.
const MOST: [usize; 2] = [200, 50];

/// A call that failed. What its client sent is no part of it.
#[derive(Clone, Debug)]
pub(crate) struct Failure {
    /// When it ended.
    pub(crate) at: SystemTime,
    /// Its method.
    pub(crate) method: &'static str,
    /// The tool, prompt or resource.
    pub(crate) name: Option<&'static str>,
    /// `failed`, `refused` or `cancelled`.
    pub(crate) outcome: &'static str,
    /// The kind of a tool error, or the code of a protocol error.
    pub(crate) kind: String,
    /// Whether the caller is at fault, or gave the call up.
    pub(crate) is_callers: bool,
    /// Why it failed, without what the client sent.
    pub(crate) cause: Option<Box<str>>,
    /// The id under which the log has more, and which the client was told.
    pub(crate) reference: Option<Box<str>>,
    /// The trace that it was part of.
    pub(crate) trace: Option<String>,
    /// How long it took, in microseconds.
    pub(crate) micros: u64,
}

/// The last ones: a caller that sends mistakes does not displace what the server has to answer for.
#[derive(Debug, Default)]
pub(crate) struct Failures([Mutex<VecDeque<Failure>>; 2]);

impl Failures {
    /// Remembers one more, and forgets the oldest of too many.
    pub(super) fn add(&self, failure: Failure) {
        let place = usize::from(failure.is_callers);
        let (Some(last), Some(most)) = (self.0.get(place), MOST.get(place)) else { return };
        let mut last = last.lock().unwrap_or_else(PoisonError::into_inner);
        if last.len() == *most {
            last.pop_front();
        }
        last.push_back(failure);
    }

    /// All that are remembered, the newest first: what the server has to answer for, and what callers made.
    pub(crate) fn newest(&self) -> [Vec<Failure>; 2] {
        let all = |last: &Mutex<VecDeque<Failure>>| {
            last.lock().unwrap_or_else(PoisonError::into_inner).iter().rev().cloned().collect()
        };
        self.0.each_ref().map(all)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mistakes_of_callers_do_not_displace_failures() {
        let failures = Failures::default();
        let failure = |number: u64, is_callers: bool| Failure {
            at: SystemTime::now(),
            method: "tools/call",
            name: None,
            outcome: "failed",
            kind: String::new(),
            is_callers,
            cause: None,
            reference: None,
            trace: None,
            micros: number,
        };
        failures.add(failure(1, false));
        (0..1000).for_each(|number| failures.add(failure(number, true)));
        let [own, callers] = failures.newest();
        assert_eq!((own.len(), callers.len(), callers[0].micros), (1, 50, 999));
    }
}
