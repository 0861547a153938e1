//! The write buffer: messages that the client has not read yet, bounded in bytes.

use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use crate::telemetry::{CallRecord, Capacity};

/// Written bytes at the front of the buffer are removed once there are so many of them. An empty buffer keeps so many.
const PIECE: usize = 64 * 1024;

/// Messages on their way to the client. What is written is dropped, even while new messages arrive.
#[derive(Debug)]
pub(super) struct WriteBuffer {
    bytes: Vec<u8>,
    /// How many bytes at the front of `bytes` are written.
    written: usize,
    /// How many bytes were removed from the front of `bytes` in all.
    removed: u64,
    /// Records of answers, with the position at which each answer ends.
    records: VecDeque<(u64, CallRecord)>,
    level: Arc<Level>,
}

/// How full a write buffer is, for its gauge.
#[derive(Debug)]
pub(super) struct Level {
    unwritten: AtomicUsize,
    limit: usize,
}

impl Level {
    /// The gauge's value.
    pub(super) fn capacity(&self) -> Capacity {
        Capacity { used: self.unwritten.load(Ordering::Relaxed), limit: self.limit }
    }
}

impl WriteBuffer {
    /// A buffer that is full with so many unwritten bytes. The message that fills it is still taken whole.
    pub(super) fn new(limit: usize) -> Self {
        let level = Arc::new(Level { unwritten: AtomicUsize::new(0), limit });
        Self { bytes: Vec::new(), written: 0, removed: 0, records: VecDeque::new(), level }
    }

    /// How full it is, for its gauge.
    pub(super) fn level(&self) -> &Arc<Level> {
        &self.level
    }

    /// Adds a message and the line end.
    pub(super) fn push(&mut self, message: &[u8]) {
        self.bytes.extend_from_slice(message);
        self.bytes.push(b'\n');
        self.set_level();
    }

    /// Keeps the record of the answer that was pushed last until the answer is written.
    pub(super) fn keep(&mut self, record: CallRecord) {
        self.records.push_back((self.removed + self.bytes.len() as u64, record));
    }

    /// The bytes that are not written yet.
    pub(super) fn unwritten(&self) -> &[u8] {
        self.bytes.get(self.written..).unwrap_or_default()
    }

    /// Whether everything is written.
    pub(super) fn is_empty(&self) -> bool {
        self.unwritten().is_empty()
    }

    /// Whether nothing more may be produced until the client reads.
    pub(super) fn is_full(&self) -> bool {
        self.unwritten().len() >= self.level.limit
    }

    /// Drops bytes that are written, and the records of their answers.
    pub(super) fn advance(&mut self, written: usize) {
        self.written = (self.written + written).min(self.bytes.len());
        let position = self.removed + self.written as u64;
        while self.records.front().is_some_and(|(end, _)| *end <= position) {
            self.records.pop_front();
        }
        if self.is_empty() {
            self.removed = position;
            self.written = 0;
            self.bytes.clear();
            self.bytes.shrink_to(PIECE);
        } else if self.written >= PIECE && self.written >= self.bytes.len() / 2 {
            // Moving the rest costs no more than what was written: each byte is moved once on average.
            self.removed = position;
            self.bytes.drain(..std::mem::take(&mut self.written));
        }
        self.set_level();
    }

    fn set_level(&self) {
        self.level.unwritten.store(self.unwritten().len(), Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::telemetry::{Telemetry, Wire};

    fn record() -> CallRecord {
        CallRecord::start(&Telemetry::default(), Wire::Stdio, 1)
    }

    /// A reader that is always a little behind: the buffer never runs empty, and does not grow.
    #[test]
    fn written_bytes_are_dropped_though_the_buffer_never_runs_empty() {
        let mut buffer = WriteBuffer::new(1 << 20);
        let message = vec![b'x'; 10_000];
        buffer.push(&message);
        for _ in 0..10_000 {
            buffer.push(&message);
            buffer.keep(record());
            buffer.advance(message.len() + 1);
            assert!(!buffer.is_empty() && !buffer.is_full());
            assert!(buffer.bytes.len() < 4 * PIECE && buffer.records.len() <= 2);
        }
        assert!(buffer.bytes.capacity() < 8 * PIECE, "{}", buffer.bytes.capacity());
    }

    #[test]
    fn the_bytes_come_out_as_they_went_in_whatever_is_written_at_once() {
        let mut buffer = WriteBuffer::new(1000);
        let (mut expected, mut seen) = (Vec::new(), Vec::new());
        for round in 0..500_usize {
            let message = format!("{round}").repeat(round);
            buffer.push(message.as_bytes());
            expected.extend_from_slice(message.as_bytes());
            expected.push(b'\n');
            let taken = buffer.unwritten().len() * (round % 7) / 6;
            seen.extend_from_slice(&buffer.unwritten()[..taken.min(buffer.unwritten().len())]);
            buffer.advance(taken);
        }
        seen.extend_from_slice(buffer.unwritten());
        assert!(seen == expected);
    }

    #[test]
    fn a_record_is_kept_until_the_last_byte_of_its_answer_is_written() {
        let mut buffer = WriteBuffer::new(8);
        buffer.push(b"first");
        buffer.keep(record());
        buffer.push(b"second");
        buffer.keep(record());
        assert!(buffer.is_full() && buffer.level().capacity().used == 13);
        buffer.advance(5);
        assert_eq!(buffer.records.len(), 2);
        buffer.advance(1);
        assert_eq!(buffer.records.len(), 1);
        buffer.advance(7);
        assert!(buffer.records.is_empty() && buffer.is_empty() && buffer.level().capacity().used == 0);
    }
}
