//! The circuit breaker of a store: while the engine does not answer, nobody waits for it.

use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};

use tokio::sync::watch;

/// How many operations in a row have to fail before nobody is let through.
const THRESHOLD: u32 = 3;

/// Whether a store answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Health {
    /// It does.
    Up,
    /// Several operations in a row had no answer. Until a probe has one, operations fail at once.
    Down,
}

/// Counts failures in a row; open after some, until somebody says that the engine answers.
#[derive(Debug)]
pub(super) struct Breaker {
    failures: AtomicU32,
    open: AtomicBool,
    /// The engine was closed on purpose: its refusals mean nothing.
    retired: AtomicBool,
    health: watch::Sender<Health>,
}

impl Breaker {
    pub(super) fn new() -> Self {
        let (health, _) = watch::channel(Health::Up);
        Self { failures: AtomicU32::new(0), open: AtomicBool::new(false), retired: AtomicBool::new(false), health }
    }

    /// Whether nobody is let through.
    pub(super) fn is_open(&self) -> bool {
        self.open.load(Ordering::Acquire)
    }

    /// What is known of the engine now.
    pub(super) fn health(&self) -> Health {
        if self.is_open() { Health::Down } else { Health::Up }
    }

    /// The health as it changes.
    #[cfg(test)]
    pub(super) fn watch(&self) -> watch::Receiver<Health> {
        self.health.subscribe()
    }

    /// Notes that the engine has answered.
    pub(super) fn answered(&self) {
        // The usual case writes nothing that other threads would have to hear of.
        if self.failures.load(Ordering::Relaxed) != 0 {
            self.failures.store(0, Ordering::Relaxed);
        }
    }

    /// Notes that it has not. True if that opens the breaker: whoever hears it has to probe.
    #[must_use]
    pub(super) fn failed(&self) -> bool {
        if self.retired.load(Ordering::Relaxed) || self.failures.fetch_add(1, Ordering::Relaxed) + 1 < THRESHOLD {
            return false;
        }
        let opened = !self.open.swap(true, Ordering::AcqRel);
        if opened {
            self.health.send_replace(Health::Down);
        }
        opened
    }

    /// Lets everybody through again; says whether nobody was.
    pub(super) fn close(&self) -> bool {
        self.failures.store(0, Ordering::Relaxed);
        let was_open = self.open.swap(false, Ordering::AcqRel);
        if was_open {
            self.health.send_replace(Health::Up);
        }
        was_open
    }

    /// Ends the counting: the engine is closed on purpose.
    pub(super) fn retire(&self) {
        self.retired.store(true, Ordering::Relaxed);
        self.close();
    }
}
