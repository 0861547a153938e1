//! What one call uses: the text that the model wrote and read, and who pays for it.

use std::fmt::Debug;
use std::sync::Arc;

use bytes::Bytes;

use crate::telemetry::counting::{Counted, Counting, Direction, estimate};
use crate::telemetry::meters::Target;

/// What the tokens of a call are charged to.
pub(crate) trait Bill: Send + Sync + Debug {
    /// Charges the tokens of the call, all of them.
    fn charge(&self, tokens: u64);
}

/// What a call used.
#[derive(Debug, Default)]
pub(crate) struct Used {
    /// Bytes that the model wrote, and that it reads.
    arguments: Option<usize>,
    content: Option<usize>,
    /// The text itself, if it is to be counted.
    text: Option<Box<Text>>,
    bill: Option<Box<dyn Bill>>,
}

/// What a model wrote, and what it reads, as JSON.
#[derive(Debug, Default)]
pub(super) struct Text {
    pub(super) arguments: Option<Bytes>,
    pub(super) content: Option<Bytes>,
}

impl Used {
    /// The model wrote arguments of so many bytes, these.
    pub(crate) fn wrote(&mut self, bytes: usize, kept: Option<Bytes>) {
        self.arguments = Some(bytes);
        if kept.is_some() {
            self.text.get_or_insert_default().arguments = kept;
        }
    }

    /// The model is to read so many bytes of this content.
    pub(crate) fn reads(&mut self, bytes: usize, kept: Option<Bytes>) {
        self.content = Some(bytes);
        if kept.is_some() {
            self.text.get_or_insert_default().content = kept;
        }
    }

    /// Somebody pays for it.
    pub(crate) fn billed(&mut self, bill: Box<dyn Bill>) {
        self.bill = Some(bill);
    }

    /// Whether nothing was used.
    pub(crate) fn is_empty(&self) -> bool {
        self.arguments.is_none() && self.content.is_none()
    }

    /// The text that is kept.
    pub(super) fn text(&self) -> Option<&Text> {
        self.text.as_deref()
    }

    /// Records and charges what its bytes suggest.
    pub(crate) fn estimated(&self, counting: Counting, target: Option<&Arc<Target>>) {
        let target = target.filter(|_| counting != Counting::Off);
        self.settle(self.arguments.map(estimate), self.content.map(estimate), Counted::Estimate, target);
    }

    /// Records and charges so many tokens.
    pub(super) fn settle(
        &self,
        input: Option<u64>,
        output: Option<u64>,
        counted: Counted,
        target: Option<&Arc<Target>>,
    ) {
        if let Some(target) = target {
            for (direction, tokens) in [(Direction::Input, input), (Direction::Output, output)] {
                if let Some(tokens) = tokens {
                    target.used(direction, counted, tokens);
                }
            }
        }
        if let Some(bill) = &self.bill {
            bill.charge(input.unwrap_or_default() + output.unwrap_or_default());
        }
    }
}
