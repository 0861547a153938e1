//! Between the writer of a stream and its reader in this process: wake-ups, and who of several readers is the one.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};

use bytes::Bytes;
use tokio::sync::Notify;

/// What a writer and its reader share. The log is the truth; this wakes.
#[derive(Debug, Default)]
pub(crate) struct Channel {
    pub(super) changed: Notify,
    ended: AtomicBool,
    /// The number of the newest reader: a message goes to one connection, so older readers stop.
    reader: AtomicU64,
    /// A last message that the log did not take: too large for it, or the store does not answer.
    unlogged: Mutex<Option<Bytes>>,
}

impl Channel {
    /// Says that there is something new in the log.
    pub(super) fn wake(&self) {
        self.changed.notify_waiters();
    }

    /// Says that nothing more will come from here.
    pub(crate) fn end(&self) {
        self.ended.store(true, Ordering::Release);
        self.wake();
    }

    pub(super) fn has_ended(&self) -> bool {
        self.ended.load(Ordering::Acquire)
    }

    /// Makes a reader the only one.
    pub(super) fn enter(&self) -> u64 {
        let number = self.reader.fetch_add(1, Ordering::AcqRel) + 1;
        self.wake();
        number
    }

    pub(super) fn is_read_by(&self, number: u64) -> bool {
        self.reader.load(Ordering::Acquire) == number
    }

    pub(super) fn leave_unlogged(&self, message: Bytes) {
        *self.unlogged.lock().unwrap_or_else(PoisonError::into_inner) = Some(message);
    }

    pub(super) fn take_unlogged(&self) -> Option<Bytes> {
        self.unlogged.lock().unwrap_or_else(PoisonError::into_inner).take()
    }
}
