//! A verdict: how a result is off what is normal.

use super::baseline::Normal;

/// How a result is off.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Deviation {
    /// It has nothing, where there was always something.
    Empty,
    /// It is less than half of what was normal.
    Small(Size),
    /// It took more than ten times as long as was normal.
    Slow,
}

/// Of which size a result has too little.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Size {
    /// Rows.
    Rows,
    /// Bytes.
    Bytes,
}

impl Deviation {
    /// The word for metrics and logs.
    pub(crate) const fn word(self) -> &'static str {
        match self {
            Self::Empty => "empty",
            Self::Small(_) => "small",
            Self::Slow => "slow",
        }
    }
}

/// What is to be said of a result; of most there is nothing.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Verdict {
    pub(super) content: Option<Deviation>,
    pub(super) slow: bool,
    /// Whether it is off for itself, and not just as all of the last ones are.
    pub(super) rare: bool,
    /// Whether the baseline stands from this result on, and consists mostly of empty results.
    pub(super) stands_empty: bool,
    /// What was normal before a result that is off.
    pub(super) normal: Option<Normal>,
}

impl Verdict {
    /// Whether the result is off at all.
    pub(crate) const fn is_off(self) -> bool {
        self.content.is_some() || self.slow
    }

    /// Whether the baseline stands from this result on, and consists mostly of empty results.
    pub(crate) const fn stands_empty(self) -> bool {
        self.stands_empty
    }

    /// What was normal before it, if it is off: what it is held against does not hold it.
    pub(crate) const fn normal(self) -> Option<Normal> {
        self.normal
    }

    /// How it is off: in what it has, in its time, or in both.
    pub(crate) fn deviations(self) -> impl Iterator<Item = Deviation> {
        self.content.into_iter().chain(self.slow.then_some(Deviation::Slow))
    }
}
