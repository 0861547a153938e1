//! Runs of empty results: whether so many of the last results could be empty by chance.
//!
//! The baseline says which share of a tool's results is empty, with the confidence that its size allows: the upper bound
//! of Wilson's interval at 95 %. The last results are off if so many of them are empty with a probability below
//! [`CHANCE`]. A tool that was never empty in 20 results is off after four, one with 5 % of empties in 100 results also,
//! and one with 50 % after a dozen.

/// Below this probability, so many empty results are no chance.
const CHANCE: f64 = 5e-4;
/// How many of the last results are looked at.
const WINDOWS: [u32; 10] = [2, 3, 4, 5, 7, 10, 14, 20, 32, 50];
/// The quantile of the normal distribution for a one-sided interval at 95 %.
const Z: f64 = 1.645;

/// The last results, a bit each, the newest lowest: whether they were empty, and whether the baseline holds them in full.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Runs {
    empty: u64,
    learned: u64,
    results: u32,
    /// How many results in a row were off; a result with data takes one away.
    streak: u32,
}

impl Runs {
    /// Returns whether the last results, with a new empty one, have too many empties. `results` and `empties` are those of
    /// the baseline.
    pub(super) fn is_off(self, results: u64, empties: u64) -> bool {
        let empty = (self.empty << 1) | 1;
        let known = (self.results + 1).min(u64::BITS);
        WINDOWS.into_iter().filter(|window| *window <= known).any(|window| {
            // The new result is not in the baseline yet.
            let before = (1 << (window - 1)) - 1;
            let learned = self.learned & before;
            let others = results.saturating_sub(learned.count_ones().into());
            let among = empties.saturating_sub((learned & self.empty).count_ones().into()).min(others);
            let count = (empty & ((before << 1) | 1)).count_ones();
            at_least(count, window, upper(among, others)) < CHANCE
        })
    }

    /// Adds a result.
    pub(super) fn push(&mut self, is_empty: bool, is_off: bool, is_learned: bool) {
        self.empty = (self.empty << 1) | u64::from(is_empty);
        self.learned = (self.learned << 1) | u64::from(is_learned);
        self.results = self.results.saturating_add(1).min(u64::BITS);
        if is_off {
            self.streak = self.streak.saturating_add(1);
        } else if !is_empty {
            self.streak = self.streak.saturating_sub(1);
        }
    }

    /// Returns how many results were off lately.
    pub(super) const fn streak(self) -> u32 {
        self.streak
    }
}

/// The upper bound of a share (Wilson 1927).
#[expect(clippy::cast_precision_loss, reason = "baselines are small")]
fn upper(count: u64, of: u64) -> f64 {
    if of == 0 {
        return 1.0;
    }
    let (n, share) = (of as f64, count as f64 / of as f64);
    let middle = share + Z * Z / (2.0 * n);
    let margin = Z * (share * (1.0 - share) / n + Z * Z / (4.0 * n * n)).sqrt();
    ((middle + margin) / (1.0 + Z * Z / n)).min(1.0)
}

/// The probability that at least `count` of `window` are such, each with this probability.
fn at_least(count: u32, window: u32, share: f64) -> f64 {
    if share >= 1.0 {
        return 1.0;
    }
    // From all of them down: the first terms are the smallest.
    let odds = (1.0 - share) / share;
    let mut term = share.powi(window.cast_signed());
    let mut sum = 0.0;
    for such in (count..=window).rev() {
        sum += term;
        term *= odds * f64::from(such) / f64::from(window - such + 1);
    }
    sum
}

#[cfg(test)]
mod tests {
    use super::*;

    /// After how many empty results in a row a tool is off whose baseline has so many empties among its results.
    fn off_after(empties: u64, results: u64) -> Option<u32> {
        let mut runs = Runs::default();
        (1..=60).find(|_| {
            let off = runs.is_off(results, empties);
            runs.push(true, off, false);
            off
        })
    }

    #[test]
    fn the_rarer_and_the_better_known_empties_are_the_sooner_they_are_off() {
        assert_eq!(off_after(0, 20), Some(4));
        assert_eq!(off_after(5, 100), Some(4));
        assert_eq!(off_after(50, 1000), Some(3));
        assert_eq!(off_after(0, 1000), Some(2));
        assert!(off_after(50, 100).is_some_and(|results| (10..=20).contains(&results)), "{:?}", off_after(50, 100));
        assert_eq!(off_after(90, 100), None);
        assert_eq!(off_after(0, 0), None, "nothing is known");
        assert!(off_after(0, 5).is_some_and(|results| results <= 10), "{:?}", off_after(0, 5));
    }

    #[test]
    fn what_was_learned_of_the_run_itself_does_not_excuse_it() {
        let mut runs = Runs::default();
        let off: Vec<bool> = (0..8_u64)
            .map(|learned| {
                let off = runs.is_off(20 + learned, learned);
                runs.push(true, off, true);
                off
            })
            .collect();
        assert_eq!(off, [false, false, false, true, true, true, true, true]);
    }

    #[test]
    fn probabilities_are_those_of_the_binomial_distribution() {
        for (count, window, share, expected) in
            [(0, 10, 0.3, 1.0), (10, 10, 0.5, 1.0 / 1024.0), (9, 10, 0.5, 11.0 / 1024.0), (1, 2, 0.1, 0.19)]
        {
            let found: f64 = at_least(count, window, share);
            assert!((found - expected).abs() < 1e-9, "{count} of {window}: {found}");
        }
        assert!((upper(0, 20) - 0.119).abs() < 0.001 && upper(20, 20) <= 1.0);
    }
}
