//! A histogram on a logarithmic scale: eight buckets for each power of two, and one for each value up to 15.

use serde::{Deserialize, Serialize};

/// Below it each value has a bucket of its own.
const EXACT: u64 = 8;
/// The highest power of two that is told apart: 19 hours in microseconds, 64 GiB in bytes.
const HIGHEST: u32 = 35;
const BUCKETS: usize = 8 + 8 * (HIGHEST as usize - 2);

/// How values are distributed. Each counts with a weight.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(into = "Vec<(usize, u32)>", try_from = "Vec<(usize, u32)>")]
pub(super) struct Histogram {
    weights: Box<[u32; BUCKETS]>,
    total: u64,
}

/// The values of a bucket, both ends included.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Bucket {
    pub(super) low: u64,
    pub(super) high: u64,
}

impl Bucket {
    fn of(index: usize) -> Self {
        let index = index as u64;
        if index < EXACT {
            return Self { low: index, high: index };
        }
        let (octave, eighth) = ((index - EXACT) / 8, (index - EXACT) % 8);
        let low = (EXACT + eighth) << octave;
        Self { low, high: low + (1 << octave) - 1 }
    }

    /// What stands for all of its values.
    pub(super) const fn middle(self) -> u64 {
        self.low.midpoint(self.high)
    }
}

fn index(value: u64) -> usize {
    let power = value.checked_ilog2().unwrap_or(0);
    let index = if value < EXACT {
        value
    } else if power > HIGHEST {
        return BUCKETS - 1;
    } else {
        EXACT + u64::from(power - 3) * 8 + ((value >> (power - 3)) & 7)
    };
    usize::try_from(index).unwrap_or(BUCKETS - 1)
}

impl Default for Histogram {
    fn default() -> Self {
        Self { weights: Box::new([0; BUCKETS]), total: 0 }
    }
}

impl Histogram {
    /// Takes a value in.
    pub(super) fn add(&mut self, value: u64, weight: u32) {
        if let Some(bucket) = self.weights.get_mut(index(value)) {
            let more = bucket.saturating_add(weight);
            self.total += u64::from(more - *bucket);
            *bucket = more;
        }
    }

    /// Takes everything in that another one holds.
    pub(super) fn merge(&mut self, other: &Self) {
        for (mine, theirs) in self.weights.iter_mut().zip(other.weights.iter()) {
            *mine = mine.saturating_add(*theirs);
        }
        self.total = sum(&self.weights);
    }

    /// Halves every weight.
    pub(super) fn halve(&mut self) {
        for weight in self.weights.iter_mut() {
            *weight /= 2;
        }
        self.total = sum(&self.weights);
    }

    /// The weight of all values.
    pub(super) const fn total(&self) -> u64 {
        self.total
    }

    /// The bucket below which, itself included, `percent` of the values are; `None` if there are no values.
    pub(super) fn quantile(&self, percent: u64) -> Option<Bucket> {
        let wanted = (self.total * percent).div_ceil(100).max(1);
        let mut passed = 0;
        let found = self.weights.iter().position(|weight| {
            passed += u64::from(*weight);
            passed >= wanted
        });
        found.map(Bucket::of)
    }
}

fn sum(weights: &[u32; BUCKETS]) -> u64 {
    weights.iter().map(|weight| u64::from(*weight)).sum()
}

impl From<Histogram> for Vec<(usize, u32)> {
    fn from(histogram: Histogram) -> Self {
        histogram.weights.iter().copied().enumerate().filter(|(_, weight)| *weight > 0).collect()
    }
}

impl TryFrom<Vec<(usize, u32)>> for Histogram {
    type Error = &'static str;

    fn try_from(kept: Vec<(usize, u32)>) -> Result<Self, Self::Error> {
        let mut histogram = Self::default();
        for (index, weight) in kept {
            *histogram.weights.get_mut(index).ok_or("there is no such bucket")? = weight;
        }
        histogram.total = sum(&histogram.weights);
        Ok(histogram)
    }
}

#[cfg(test)]
mod tests {
    use proptest::collection::vec;
    use proptest::prelude::*;

    use super::*;

    fn histogram(values: &[u64]) -> Histogram {
        let mut histogram = Histogram::default();
        for value in values {
            histogram.add(*value, 256);
        }
        histogram
    }

    #[test]
    fn buckets_follow_each_other_without_a_gap() {
        for bucket in 1..BUCKETS {
            assert_eq!(Bucket::of(bucket).low, Bucket::of(bucket - 1).high + 1);
        }
        assert_eq!(index(u64::MAX), BUCKETS - 1);
        assert!((0..16).all(|value| Bucket::of(index(value)) == Bucket { low: value, high: value }), "small is exact");
    }

    proptest! {
        #[test]
        fn a_value_is_within_its_bucket_and_the_bucket_is_narrow(value in 0_u64..1 << 36) {
            let bucket = Bucket::of(index(value));
            prop_assert!(bucket.low <= value && value <= bucket.high);
            prop_assert!(bucket.high - bucket.low <= bucket.low / 8);
        }

        #[test]
        fn quantiles_are_within_the_bucket_of_the_true_one(
            mut values in vec(0_u64..1 << 30, 1..200),
            percent in 1_u8..=100,
        ) {
            let bucket = histogram(&values).quantile(percent.into()).unwrap();
            values.sort_unstable();
            let truth = values[(values.len() * usize::from(percent)).div_ceil(100) - 1];
            prop_assert!(bucket.low <= truth && truth <= bucket.high, "{truth} is not within {bucket:?}");
        }

        #[test]
        fn merging_commutes_and_is_what_one_would_have_seen(
            one in vec(0_u64..1 << 40, 0..50),
            two in vec(0_u64..1 << 40, 0..50),
        ) {
            let (mut forth, mut back) = (histogram(&one), histogram(&two));
            forth.merge(&histogram(&two));
            back.merge(&histogram(&one));
            prop_assert_eq!(&forth, &back);
            prop_assert_eq!(forth, histogram(&[one, two].concat()));
        }

        #[test]
        fn halving_keeps_quantiles(values in vec(0_u64..1 << 30, 1..200), percent in 1_u64..=100) {
            let whole = histogram(&values);
            let mut half = whole.clone();
            half.halve();
            prop_assert_eq!(half.total(), whole.total() / 2);
            prop_assert_eq!(half.quantile(percent), whole.quantile(percent));
        }

        #[test]
        fn it_is_kept_and_read_back(values in vec(any::<u64>(), 0..50)) {
            let text = serde_json::to_string(&histogram(&values)).unwrap();
            prop_assert_eq!(serde_json::from_str::<Histogram>(&text).unwrap(), histogram(&values));
        }
    }

    #[test]
    fn what_nobody_wrote_is_not_read() {
        assert!(serde_json::from_str::<Histogram>("[[100000,1]]").is_err());
        assert_eq!(Histogram::default().quantile(50), None);
    }
}
