//! The last results of a tool: which of them failed, were empty, or were off its baseline. They need no rate: the last ten
//! results are the last ten, whether they came within a second or within a week.

use std::collections::VecDeque;

use serde::{Deserialize, Serialize};

/// How many of the last results are known.
pub(crate) const KNOWN: usize = 50;

/// How a call ended, as far as the tool and what stands behind it can be blamed for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Ended {
    /// With a result as usual.
    #[serde(rename = "d")]
    Data,
    /// With a result that has data and is off the baseline.
    #[serde(rename = "D")]
    OffData,
    /// With an empty result, which is usual.
    #[serde(rename = "e")]
    Empty,
    /// With an empty result, which is off the baseline.
    #[serde(rename = "E")]
    OffEmpty,
    /// With an error that is not the caller's.
    #[serde(rename = "f")]
    Failed,
}

impl Ended {
    /// The letter that stands for it in the store.
    const fn letter(self) -> char {
        match self {
            Self::Data => 'd',
            Self::OffData => 'D',
            Self::Empty => 'e',
            Self::OffEmpty => 'E',
            Self::Failed => 'f',
        }
    }

    const fn of(letter: char) -> Option<Self> {
        Some(match letter {
            'd' => Self::Data,
            'D' => Self::OffData,
            'e' => Self::Empty,
            'E' => Self::OffEmpty,
            'f' => Self::Failed,
            _ => return None,
        })
    }

    /// Returns whether it has nothing.
    pub(crate) const fn is_empty(self) -> bool {
        matches!(self, Self::Empty | Self::OffEmpty)
    }

    /// Returns whether it is off the baseline.
    pub(crate) const fn is_off(self) -> bool {
        matches!(self, Self::OffData | Self::OffEmpty)
    }
}

/// The last results, the newest last.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(into = "Kept", try_from = "Kept")]
pub(crate) struct Recent {
    last: VecDeque<Ended>,
    /// When the newest one ended, in milliseconds since 1970.
    at: u64,
}

/// The form in which they are kept: a letter each.
#[derive(Serialize, Deserialize)]
struct Kept {
    last: String,
    at: u64,
}

impl From<Recent> for Kept {
    fn from(recent: Recent) -> Self {
        Self { last: recent.last.into_iter().map(Ended::letter).collect(), at: recent.at }
    }
}

impl TryFrom<Kept> for Recent {
    type Error = &'static str;

    fn try_from(kept: Kept) -> Result<Self, Self::Error> {
        let last: Option<VecDeque<Ended>> = kept.last.chars().map(Ended::of).collect();
        let mut recent = Self { last: last.ok_or("a letter stands for no result")?, at: kept.at };
        recent.shorten();
        Ok(recent)
    }
}

impl Recent {
    /// Adds a result that ended at this time.
    pub(super) fn add(&mut self, ended: Ended, at: u64) {
        self.last.push_back(ended);
        self.at = self.at.max(at);
        self.shorten();
    }

    /// Adds what another one holds, as newer than what this one holds.
    pub(super) fn append(&mut self, newer: &Self) {
        self.last.extend(&newer.last);
        self.at = self.at.max(newer.at);
        self.shorten();
    }

    fn shorten(&mut self) {
        let surplus = self.last.len().saturating_sub(KNOWN);
        self.last.drain(..surplus);
    }

    /// Returns whether it holds nothing.
    pub(super) fn is_blank(&self) -> bool {
        self.last.is_empty()
    }

    /// Returns whether all are as usual.
    pub(super) fn is_usual(&self) -> bool {
        self.last.iter().all(|ended| matches!(ended, Ended::Data | Ended::Empty))
    }

    /// Returns the share of the last `window` results that are such; `None` if fewer are known.
    pub(crate) fn share(&self, window: usize, is_such: impl Fn(Ended) -> bool) -> Option<f64> {
        let start = self.last.len().checked_sub(window)?;
        let count = self.last.range(start..).filter(|ended| is_such(**ended)).count();
        #[expect(clippy::cast_precision_loss, reason = "both are at most fifty")]
        (window > 0).then(|| count as f64 / window as f64)
    }

    /// Returns when the newest result ended, in milliseconds since 1970.
    pub(crate) const fn at(&self) -> u64 {
        self.at
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn recent(letters: &str) -> Recent {
        let mut recent = Recent::default();
        letters.chars().for_each(|letter| recent.add(Ended::of(letter).unwrap(), 7));
        recent
    }

    #[test]
    fn shares_are_of_the_last_results_and_of_none_where_too_few_are_known() {
        let recent = recent("ddddddfefEfDff");
        assert_eq!(recent.share(10, |ended| ended == Ended::Failed), Some(0.5));
        assert_eq!(recent.share(4, Ended::is_off), Some(0.25));
        assert_eq!(recent.share(10, Ended::is_empty), Some(0.2));
        assert_eq!(recent.share(20, Ended::is_empty), None);
        assert!(!recent.is_usual());
    }

    #[test]
    fn fifty_are_kept_the_newest_and_read_back() {
        let mut all = recent(&"f".repeat(KNOWN));
        all.append(&recent(&"d".repeat(KNOWN - 1)));
        assert_eq!(all.share(KNOWN, |ended| ended == Ended::Failed), Some(0.02));
        let text = serde_json::to_string(&all).unwrap();
        assert!(text.len() < 100, "{text}");
        assert_eq!(serde_json::from_str::<Recent>(&text).unwrap(), all);
        assert!(serde_json::from_str::<Recent>("{\"last\":\"x\",\"at\":1}").is_err());
    }
}
