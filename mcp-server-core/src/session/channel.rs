//! Between the writer of a stream and its reader in this process: wake-ups, and who of several readers is the one.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};

use bytes::Bytes;
use tokio::sync::Notify;

/// What a writer and its reader share. The log is the truth; this wakes.
#[derive(Debug, Default)]
pub(crate) struct Channel {
    pub(crate) changed: Notify,
    ended: AtomicBool,
    /// Whether another replica writes the stream.
    afar: bool,
    /// Whether a reader on another replica wants to be told when there is more.
    handed_over: AtomicBool,
    /// Whether the reader of now is to end instead of waiting.
    released: AtomicBool,
    /// The number of the newest reader: a message goes to one connection, so older readers stop.
    reader: AtomicU64,
    /// A last message that the log did not take: too large for it, or the store does not answer.
    unlogged: Mutex<Option<Bytes>>,
}

impl Channel {
    /// The channel of a stream that another replica writes.
    pub(super) fn afar() -> Self {
        Self { afar: true, ..Self::default() }
    }

    /// Whether another replica writes the stream.
    pub(super) fn is_afar(&self) -> bool {
        self.afar
    }

    /// Lets a reader on another replica have the stream: those here end.
    pub(super) fn hand_over(&self) {
        self.handed_over.store(true, Ordering::Release);
        self.released.store(false, Ordering::Release);
        self.reader.fetch_add(1, Ordering::AcqRel);
        self.wake();
    }

    /// Whether a reader on another replica has it.
    pub(super) fn is_handed_over(&self) -> bool {
        self.handed_over.load(Ordering::Acquire)
    }

    /// Says that there is something new in the log.
    pub(super) fn wake(&self) {
        self.changed.notify_waiters();
    }

    /// Says that nothing more will come from here.
    pub(crate) fn end(&self) {
        self.ended.store(true, Ordering::Release);
        self.wake();
    }

    pub(crate) fn has_ended(&self) -> bool {
        self.ended.load(Ordering::Acquire)
    }

    /// Has the reader of now end once it has nothing to read.
    pub(super) fn release(&self) {
        self.released.store(true, Ordering::Release);
        self.wake();
    }

    pub(super) fn is_released(&self) -> bool {
        self.released.load(Ordering::Acquire)
    }

    /// Makes a reader the only one.
    pub(crate) fn enter(&self) -> u64 {
        let number = self.reader.fetch_add(1, Ordering::AcqRel) + 1;
        self.released.store(false, Ordering::Release);
        self.handed_over.store(false, Ordering::Release);
        self.wake();
        number
    }

    pub(crate) fn is_read_by(&self, number: u64) -> bool {
        self.reader.load(Ordering::Acquire) == number
    }

    pub(super) fn leave_unlogged(&self, message: Bytes) {
        *self.unlogged.lock().unwrap_or_else(PoisonError::into_inner) = Some(message);
    }

    pub(super) fn take_unlogged(&self) -> Option<Bytes> {
        self.unlogged.lock().unwrap_or_else(PoisonError::into_inner).take()
    }
}
