//! A baseline: what the results of a tool were like.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::histogram::Histogram;

/// The weight of a result that counts in full.
pub(super) const FULL: u32 = 256;

/// What is known of a result.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Seen {
    /// Whether it has nothing. The sizes of nothing say nothing.
    pub(crate) empty: bool,
    /// Its rows, if it has rows.
    pub(crate) rows: Option<u64>,
    /// Its bytes, unless they depend on whom it went to.
    pub(crate) bytes: Option<u64>,
    /// How long it took, unless nobody waited for it.
    pub(crate) took: Option<Duration>,
}

impl Seen {
    pub(super) fn rows(&self) -> Option<u64> {
        self.rows.filter(|_| !self.empty)
    }

    pub(super) fn bytes(&self) -> Option<u64> {
        self.bytes.filter(|_| !self.empty)
    }

    pub(super) fn micros(&self) -> Option<u64> {
        self.took.map(|took| u64::try_from(took.as_micros()).unwrap_or(u64::MAX))
    }
}

/// What the results of a tool were like. Sums of them mean what one would have meant that saw it all.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Baseline {
    all: u64,
    empty: u64,
    pub(super) rows: Histogram,
    pub(super) bytes: Histogram,
    pub(super) micros: Histogram,
}

impl Default for Baseline {
    fn default() -> Self {
        let (rows, bytes, micros) = (Histogram::default(), Histogram::default(), Histogram::default());
        Self { all: 0, empty: 0, rows, bytes, micros }
    }
}

impl Baseline {
    /// Takes a result in.
    pub(super) fn add(&mut self, seen: &Seen, weight: u32) {
        self.all += u64::from(weight);
        if seen.empty {
            self.empty += u64::from(weight);
        }
        let measures =
            [(&mut self.rows, seen.rows()), (&mut self.bytes, seen.bytes()), (&mut self.micros, seen.micros())];
        for (histogram, value) in measures {
            if let Some(value) = value {
                histogram.add(value, weight);
            }
        }
    }

    /// Takes everything in that another one holds.
    pub(crate) fn merge(&mut self, other: &Self) {
        self.all = self.all.saturating_add(other.all);
        self.empty = self.empty.saturating_add(other.empty);
        self.rows.merge(&other.rows);
        self.bytes.merge(&other.bytes);
        self.micros.merge(&other.micros);
    }

    /// Halves everything until at most so many results are left.
    pub(crate) fn fade(&mut self, most: u64) {
        while self.results() > most {
            self.all /= 2;
            self.empty /= 2;
            self.rows.halve();
            self.bytes.halve();
            self.micros.halve();
        }
    }

    /// How many results it stands on.
    pub(crate) const fn results(&self) -> u64 {
        self.all / FULL as u64
    }

    /// Whether it holds nothing at all.
    pub(crate) const fn is_blank(&self) -> bool {
        self.all == 0
    }

    /// Whether fewer than one in a hundred results were empty, half a result aside: one in a young baseline is no share.
    pub(super) const fn is_never_empty(&self) -> bool {
        self.empty.saturating_mul(100) < self.all.saturating_add(50 * FULL as u64)
    }

    /// Its figures.
    pub(crate) fn normal(&self) -> Normal {
        let median = |histogram: &Histogram| histogram.quantile(50).map(super::histogram::Bucket::middle);
        Normal {
            results: self.results(),
            rows: median(&self.rows),
            bytes: median(&self.bytes),
            took: median(&self.micros).map(Duration::from_micros),
            #[expect(clippy::cast_precision_loss, reason = "it is a share, and never a large number")]
            empty: if self.all == 0 { 0.0 } else { self.empty as f64 / self.all as f64 },
        }
    }

    /// How many of the results that it stands on were empty.
    pub(super) const fn empties(&self) -> u64 {
        self.empty / FULL as u64
    }

    /// Returns whether its figures can be those of results.
    pub(super) const fn is_sound(&self) -> bool {
        self.empty <= self.all
    }
}

/// What is normal, in figures.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Normal {
    /// The results that it stands on.
    pub(crate) results: u64,
    /// The median of their rows.
    pub(crate) rows: Option<u64>,
    /// The median of their bytes.
    pub(crate) bytes: Option<u64>,
    /// The median of their times.
    pub(crate) took: Option<Duration>,
    /// The share of them that were empty.
    pub(crate) empty: f64,
}

#[cfg(test)]
mod tests {
    use proptest::collection::vec;
    use proptest::prelude::*;

    use super::*;

    fn seen(rows: u64) -> Seen {
        let took = Some(Duration::from_micros(rows * 100));
        Seen { empty: rows == 0, rows: Some(rows), bytes: Some(rows * 40 + 200), took }
    }

    fn baseline(all: &[u64]) -> Baseline {
        let mut baseline = Baseline::default();
        for rows in all {
            baseline.add(&seen(*rows), FULL);
        }
        baseline
    }

    proptest! {
        #[test]
        fn merging_commutes_and_is_what_one_would_have_seen(one in vec(0_u64..50, 0..50), two in vec(0_u64..50, 0..50)) {
            let (mut forth, mut back) = (baseline(&one), baseline(&two));
            forth.merge(&baseline(&two));
            back.merge(&baseline(&one));
            prop_assert_eq!(&forth, &back);
            prop_assert_eq!(forth, baseline(&[one, two].concat()));
        }

        #[test]
        fn fading_keeps_the_figures_and_ends_within_the_bound(all in vec(0_u64..50, 1..200)) {
            let before = baseline(&all);
            let mut after = before.clone();
            after.fade(50);
            prop_assert!(after.results() <= 50);
            prop_assert_eq!((before.normal().rows, before.normal().took), (after.normal().rows, after.normal().took));
            prop_assert!((before.normal().empty - after.normal().empty).abs() < 0.001);
        }
    }

    #[test]
    fn its_figures_are_those_of_results_that_were_not_empty() {
        let normal = baseline(&[12, 12, 12, 0]).normal();
        assert_eq!((normal.results, normal.rows), (4, Some(12)));
        assert!((normal.empty - 0.25).abs() < f64::EPSILON);
    }

    #[test]
    fn one_empty_result_of_few_is_no_share_and_one_in_fifty_is() {
        let with = |empty: usize, of: usize| baseline(&[vec![0; empty], vec![5; of - empty]].concat()).is_never_empty();
        assert!(with(0, 10) && with(1, 100) && with(9, 1000));
        assert!(!with(1, 10) && !with(2, 100) && !with(20, 1000));
    }
}
