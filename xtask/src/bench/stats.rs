//! Medians: what stays when one round falls into a bad moment.

/// The median of some values; `None` of no value.
pub(super) fn median(values: impl IntoIterator<Item = f64>) -> Option<f64> {
    let mut values: Vec<f64> = values.into_iter().collect();
    values.sort_by(f64::total_cmp);
    let middle = values.len() / 2;
    match values.len() {
        0 => None,
        count if count % 2 == 1 => values.get(middle).copied(),
        _ => Some(f64::midpoint(*values.get(middle - 1)?, *values.get(middle)?)),
    }
}

/// The median of the ratios of two series, pair by pair: each pair was measured at nearly the same time.
pub(super) fn ratio(above: &[f64], below: &[f64]) -> Option<f64> {
    median(above.iter().zip(below).filter(|(_, below)| **below > 0.0).map(|(above, below)| above / below))
}

/// The median of the differences of two series, pair by pair.
pub(super) fn excess(above: &[f64], below: &[f64]) -> Option<f64> {
    median(above.iter().zip(below).map(|(above, below)| above - below))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_median_ignores_an_outlier() {
        assert_eq!(median([3.0, 1.0, 900.0]), Some(3.0));
        assert_eq!(median([4.0, 2.0]), Some(3.0));
        assert_eq!(median([]), None);
    }

    #[test]
    fn ratios_are_taken_pair_by_pair() {
        assert_eq!(ratio(&[2.0, 40.0, 6.0], &[1.0, 20.0, 2.0]), Some(2.0));
        assert_eq!(ratio(&[1.0], &[0.0]), None);
    }
}
