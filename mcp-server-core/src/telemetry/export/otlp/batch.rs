//! Spans that wait for their export, in the batches in which they will leave.

use std::collections::VecDeque;

use opentelemetry_sdk::trace::SpanData;

use super::protobuf::Fields;
use crate::telemetry::Capacity;
use crate::telemetry::export::wanted::QueueLimits;

/// The number of the field `spans` in `ScopeSpans`.
const SPANS: u32 = 2;
/// Bytes of the spans of messages after which a batch is full: collectors take some MiB at once.
const BYTES: usize = 1024 * 1024;

/// Spans that leave together.
#[derive(Debug, Default)]
pub(super) struct Batch {
    /// Those of messages: fields `spans` of a `ScopeSpans`.
    pub(super) encoded: Vec<u8>,
    /// Those of whoever else makes some.
    pub(super) others: Vec<SpanData>,
    /// How many there are.
    pub(super) spans: usize,
    /// How many bytes they take.
    bytes: usize,
}

impl Batch {
    /// Adds the span of a message, as bytes.
    pub(super) fn push(&mut self, span: &[u8]) {
        Fields(&mut self.encoded).bytes(SPANS, span);
    }
}

/// What became of a span.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Place {
    /// It waits.
    Waits,
    /// It waits, and with it there is something to send.
    Due,
    /// Too many wait.
    None,
    /// Nothing is sent any more.
    Closed,
}

/// All that wait.
#[derive(Debug)]
pub(super) struct Waiting {
    full: VecDeque<Batch>,
    filling: Batch,
    spans: usize,
    leaving: usize,
    /// The bytes of those that wait, and of those that are leaving.
    bytes: [usize; 2],
    limits: QueueLimits,
    is_closed: bool,
}

impl Waiting {
    /// At most so many, of so many bytes, in batches of at most so many.
    pub(super) fn new(limits: QueueLimits) -> Self {
        let filling = Batch::default();
        Self { full: VecDeque::new(), filling, spans: 0, leaving: 0, bytes: [0, 0], limits, is_closed: false }
    }

    /// The bytes that wait or leave, for the gauge.
    pub(super) fn capacity(&self) -> Capacity {
        Capacity { used: self.bytes.iter().sum(), limit: self.limits.bytes }
    }

    /// Has one of so many bytes wait, if there is a place, by adding it to a batch.
    pub(super) fn add(&mut self, bytes: usize, add: impl FnOnce(&mut Batch)) -> Place {
        if self.is_closed {
            return Place::Closed;
        }
        let Capacity { used, limit } = self.capacity();
        if self.spans >= self.limits.spans || used.saturating_add(bytes) > limit {
            return Place::None;
        }
        add(&mut self.filling);
        self.spans += 1;
        self.bytes[0] += bytes;
        self.filling.spans += 1;
        self.filling.bytes += bytes;
        if self.filling.spans < self.limits.batch && self.filling.encoded.len() < BYTES {
            return Place::Waits;
        }
        // The next one will be about as long.
        let next = Batch { encoded: Vec::with_capacity(self.filling.encoded.len()), ..Batch::default() };
        self.full.push_back(std::mem::replace(&mut self.filling, next));
        // Whoever sends one looks for more.
        if self.full.len() == 1 { Place::Due } else { Place::Waits }
    }

    /// Takes out the oldest batch, full or not, which leaves now; `None` if nothing waits.
    pub(super) fn take(&mut self) -> Option<Batch> {
        let batch = self.full.pop_front().unwrap_or_else(|| std::mem::take(&mut self.filling));
        self.spans -= batch.spans;
        self.leaving = batch.spans;
        self.bytes = [self.bytes[0] - batch.bytes, batch.bytes];
        (batch.spans > 0).then_some(batch)
    }

    /// Says that what left last has arrived or is lost. It tells whether that was still waited for.
    pub(super) fn arrived(&mut self) -> bool {
        self.leaving = 0;
        self.bytes[1] = 0;
        !self.is_closed
    }

    /// Whether there is a full batch.
    pub(super) fn is_due(&self) -> bool {
        !self.full.is_empty()
    }

    /// In how many batches those that wait will leave.
    pub(super) fn batches(&self) -> usize {
        self.full.len() + usize::from(self.filling.spans > 0)
    }

    /// Gives up whatever waits or has not arrived; how many that are.
    pub(super) fn close(&mut self) -> usize {
        self.is_closed = true;
        self.full.clear();
        self.filling = Batch::default();
        self.bytes = [0, 0];
        std::mem::take(&mut self.spans) + std::mem::take(&mut self.leaving)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_spans_leave_in_batches_that_a_collector_takes() {
        let mut waiting = Waiting::new(QueueLimits { spans: 1000, ..QueueLimits::default() });
        let span = vec![0; 9 * 1024];
        let places: Vec<Place> = (0..512).map(|_| waiting.add(span.len(), |batch| batch.push(&span))).collect();
        assert_eq!(places.iter().filter(|place| **place == Place::Due).count(), 1, "one of them asks for all");
        let batches: Vec<Batch> = std::iter::from_fn(|| waiting.take()).collect();
        assert!(batches.iter().all(|batch| batch.encoded.len() < 2 * BYTES));
        assert_eq!(batches.iter().map(|batch| batch.spans).sum::<usize>(), 512);
    }

    /// However few they are: what waits and what leaves is bounded in bytes.
    #[test]
    fn long_spans_are_few() {
        let mut waiting = Waiting::new(QueueLimits { bytes: 100_000, ..QueueLimits::default() });
        let span = vec![0; 30_000];
        let add = |waiting: &mut Waiting| waiting.add(span.len(), |batch| batch.push(&span));
        assert_eq!([(); 4].map(|()| add(&mut waiting)), [Place::Waits, Place::Waits, Place::Waits, Place::None]);
        let batch = waiting.take().unwrap();
        assert_eq!((batch.spans, waiting.capacity().used, add(&mut waiting)), (3, 90_000, Place::None));
        waiting.arrived();
        assert_eq!((waiting.capacity().used, add(&mut waiting)), (0, Place::Waits));
    }
}
