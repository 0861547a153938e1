//! Spans that wait for their export, in the batches in which they will leave.

use std::collections::VecDeque;

use opentelemetry_sdk::trace::SpanData;

use super::protobuf::Fields;

/// The number of the field `spans` in `ScopeSpans`.
const SPANS: u32 = 2;

/// Spans that leave together.
#[derive(Debug, Default)]
pub(super) struct Batch {
    /// Those of messages: fields `spans` of a `ScopeSpans`.
    pub(super) encoded: Vec<u8>,
    /// Those of whoever else makes some.
    pub(super) others: Vec<SpanData>,
    /// How many there are.
    pub(super) spans: usize,
}

impl Batch {
    /// Adds the span of a message, as bytes.
    pub(super) fn push(&mut self, span: &[u8]) {
        Fields(&mut self.encoded).bytes(SPANS, span);
    }
}

/// What became of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Place {
    /// It waits.
    Waits,
    /// It waits, and with it a batch is full.
    Completes,
    /// Too many wait.
    None,
}

/// All that wait.
#[derive(Debug)]
pub(super) struct Waiting {
    full: VecDeque<Batch>,
    filling: Batch,
    spans: usize,
    most: usize,
    batch: usize,
}

impl Waiting {
    /// At most so many, in batches of at most so many.
    pub(super) fn new(most: usize, batch: usize) -> Self {
        Self { full: VecDeque::new(), filling: Batch::default(), spans: 0, most, batch }
    }

    /// Has one wait, if there is a place, by adding it to a batch.
    pub(super) fn add(&mut self, add: impl FnOnce(&mut Batch)) -> Place {
        if self.spans >= self.most {
            return Place::None;
        }
        add(&mut self.filling);
        self.spans += 1;
        self.filling.spans += 1;
        if self.filling.spans < self.batch {
            return Place::Waits;
        }
        // The next one will be about as long.
        let next = Batch { encoded: Vec::with_capacity(self.filling.encoded.len()), ..Batch::default() };
        self.full.push_back(std::mem::replace(&mut self.filling, next));
        Place::Completes
    }

    /// Takes out the oldest batch, full or not; `None` if nothing waits.
    pub(super) fn take(&mut self) -> Option<Batch> {
        let batch = self.full.pop_front().unwrap_or_else(|| std::mem::take(&mut self.filling));
        self.spans -= batch.spans;
        (batch.spans > 0).then_some(batch)
    }

    /// Whether there is a full batch.
    pub(super) fn is_due(&self) -> bool {
        !self.full.is_empty()
    }

    /// In how many batches they will leave.
    pub(super) fn batches(&self) -> usize {
        self.full.len() + usize::from(self.filling.spans > 0)
    }

    /// How many wait.
    pub(super) fn len(&self) -> usize {
        self.spans
    }
}
