//! The calls that failed last, for people who look for the cause of one.

use std::collections::VecDeque;
use std::sync::{Mutex, PoisonError};
use std::time::SystemTime;

/// How many are remembered.
const MOST: usize = 200;

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
    /// The id under which the log has more, and which the client was told.
    pub(crate) reference: Option<Box<str>>,
    /// The trace that it was part of.
    pub(crate) trace: Option<String>,
    /// How long it took, in microseconds.
    pub(crate) micros: u64,
}

/// The last ones.
#[derive(Debug, Default)]
pub(crate) struct Failures(Mutex<VecDeque<Failure>>);

impl Failures {
    /// Remembers one more, and forgets the oldest of too many.
    pub(super) fn add(&self, failure: Failure) {
        let mut last = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if last.len() == MOST {
            last.pop_front();
        }
        last.push_back(failure);
    }

    /// All that are remembered, the newest first.
    pub(crate) fn newest(&self) -> Vec<Failure> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).iter().rev().cloned().collect()
    }
}
