//! How tokens are counted, and the estimate.

/// How the tokens of calls are counted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Counting {
    /// Not at all.
    Off,
    /// From bytes.
    #[default]
    Estimate,
    /// By a tokenizer.
    Exact,
}

/// Which way tokens go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Direction {
    /// From the model to the tool.
    Input,
    /// From the tool to the model.
    Output,
}

/// How a number of tokens came about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Counted {
    /// Estimated.
    Estimate,
    /// Counted.
    Exact,
}

impl Direction {
    /// The word in the metrics.
    pub(crate) const fn word(self) -> &'static str {
        match self {
            Self::Input => "input",
            Self::Output => "output",
        }
    }
}

impl Counted {
    /// The word in the metrics.
    pub(crate) const fn word(self) -> &'static str {
        match self {
            Self::Estimate => "estimate",
            Self::Exact => "exact",
        }
    }
}

/// Four bytes are a token, about, in English text and in JSON; other scripts have more tokens than this says.
pub(crate) const fn estimate(bytes: usize) -> u64 {
    (bytes as u64).div_ceil(4)
}
