//! What one call uses: the text that the model wrote and read, and who pays for it.

use std::fmt::Debug;
use std::sync::Arc;

use bytes::Bytes;

use super::counting::{Counted, Counting, Direction, estimate};
use crate::telemetry::meters::Target;

/// What the tokens of a call are charged to.
pub(crate) trait Bill: Send + Sync + Debug {
    /// Charges the tokens of the call, all of them.
    fn charge(&self, tokens: u64);
}

/// Text that a model wrote or read.
#[derive(Debug)]
pub(super) struct Text {
    /// How many bytes of it there are.
    bytes: usize,
    /// The text, if it is to be counted.
    pub(super) kept: Option<Bytes>,
}

/// What a call used.
#[derive(Debug, Default)]
pub(crate) struct Used {
    pub(super) arguments: Option<Text>,
    pub(super) content: Option<Text>,
    bill: Option<Box<dyn Bill>>,
}

impl Used {
    /// The model wrote these arguments.
    pub(crate) fn wrote(&mut self, bytes: usize, kept: Option<Bytes>) {
        self.arguments = Some(Text { bytes, kept });
    }

    /// The model is to read this content.
    pub(crate) fn reads(&mut self, bytes: usize, kept: Option<Bytes>) {
        self.content = Some(Text { bytes, kept });
    }

    /// Somebody pays for it.
    pub(crate) fn billed(&mut self, bill: Box<dyn Bill>) {
        self.bill = Some(bill);
    }

    /// Whether nothing was used.
    pub(crate) fn is_empty(&self) -> bool {
        self.arguments.is_none() && self.content.is_none()
    }

    /// How many bytes the text has that is kept.
    pub(super) fn kept(&self) -> usize {
        let of = |text: &Option<Text>| text.as_ref().and_then(|text| text.kept.as_ref()).map_or(0, Bytes::len);
        of(&self.arguments) + of(&self.content)
    }

    /// Records and charges what its bytes suggest.
    pub(crate) fn estimated(&self, counting: Counting, target: Option<&Arc<Target>>) {
        let tokens = |text: &Option<Text>| text.as_ref().map(|text| estimate(text.bytes));
        let target = target.filter(|_| counting != Counting::Off);
        self.settle(tokens(&self.arguments), tokens(&self.content), Counted::Estimate, target);
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
