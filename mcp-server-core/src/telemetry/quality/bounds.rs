//! The bounds of the normal, drawn from a baseline now and then so that a result is judged by a few comparisons.

use super::baseline::Baseline;
use super::histogram::Histogram;

/// Below this many microseconds nothing is slow.
const NEVER_SLOW: u64 = 100_000;
/// A baseline of fewer results is young: it takes twice the distance to be off.
const YOUNG: u64 = 100;

/// What a result must not be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Bounds {
    /// Whether being empty is off.
    pub(super) never_empty: bool,
    pub(super) rows: Least,
    pub(super) bytes: Least,
    pub(super) micros: Most,
}

/// What is too small.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Least {
    /// Half of what 99 % of the results have at least.
    pub(super) rare: u64,
    /// Half of the median.
    pub(super) half: u64,
}

/// What is too long.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Most {
    /// Ten times the median, and twice what 99 % of the results take at most.
    pub(super) rare: u64,
    /// Ten times the median.
    pub(super) tenfold: u64,
}

impl Bounds {
    /// Nothing is off: nothing is known.
    pub(super) const NONE: Self = Self {
        never_empty: false,
        rows: Least { rare: 0, half: 0 },
        bytes: Least { rare: 0, half: 0 },
        micros: Most { rare: u64::MAX, tenfold: u64::MAX },
    };

    /// The bounds of a baseline. Each stands on `after` results that say something of it, or does not exist yet.
    pub(super) fn of(baseline: &Baseline, after: u64) -> Self {
        Self {
            never_empty: baseline.results() >= after && baseline.is_never_empty(),
            rows: least(&baseline.rows, after).unwrap_or(Self::NONE.rows),
            bytes: least(&baseline.bytes, after).unwrap_or(Self::NONE.bytes),
            micros: most(&baseline.micros, after).unwrap_or(Self::NONE.micros),
        }
    }
}

fn stands(histogram: &Histogram, after: u64) -> bool {
    histogram.total() >= after * u64::from(super::baseline::FULL)
}

/// By how much the distance to the normal grows while it is not well known.
fn caution(histogram: &Histogram) -> u64 {
    if stands(histogram, YOUNG) { 1 } else { 2 }
}

fn least(histogram: &Histogram, after: u64) -> Option<Least> {
    let histogram = Some(histogram).filter(|histogram| stands(histogram, after))?;
    // The lower end of a bucket: what is told must be less than half whatever the true figure is.
    let (rare, median) = (histogram.quantile(1)?, histogram.quantile(50)?);
    let part = 2 * caution(histogram);
    Some(Least { rare: rare.low.div_ceil(part), half: median.low.div_ceil(part) })
}

fn most(histogram: &Histogram, after: u64) -> Option<Most> {
    let histogram = Some(histogram).filter(|histogram| stands(histogram, after))?;
    let (median, rare) = (histogram.quantile(50)?, histogram.quantile(99)?);
    let caution = caution(histogram);
    let tenfold = median.high.saturating_mul(10 * caution).max(NEVER_SLOW);
    Some(Most { rare: rare.high.saturating_mul(2 * caution).max(tenfold), tenfold })
}
