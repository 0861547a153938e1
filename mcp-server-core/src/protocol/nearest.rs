//! Nearest names: what somebody probably meant.

/// The name among some that is nearest to one that does not exist, if any is near enough to be meant.
///
/// Near is at most one edit in three letters (insert, delete, replace, or swap of neighbours), upper and lower case
/// and the separators `_` and `-` being the same.
pub(crate) fn nearest<'a>(name: &str, among: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    // Who sends a whole page as a name meant none of these, and comparing it would cost.
    const LONGEST: usize = 64;
    if name.is_empty() || name.len() > LONGEST {
        return None;
    }
    let wanted = folded(name);
    let near = among.filter(|other| other.len() <= LONGEST).filter_map(|other| {
        let candidate = folded(other);
        let allowed = wanted.len().max(candidate.len()).div_ceil(3);
        if wanted.len().abs_diff(candidate.len()) > allowed {
            return None;
        }
        let edits = distance(&wanted, &candidate);
        (edits <= allowed && edits < candidate.len()).then_some((edits, other))
    });
    near.min_by_key(|(edits, _)| *edits).map(|(_, other)| other)
}

fn folded(name: &str) -> Vec<char> {
    name.chars().flat_map(char::to_lowercase).map(|character| if character == '-' { '_' } else { character }).collect()
}

/// Edits between two names, a swap of neighbours being one (optimal string alignment).
fn distance(from: &[char], to: &[char]) -> usize {
    let mut before: Vec<usize> = Vec::new();
    let mut above: Vec<usize> = (0..=to.len()).collect();
    let mut last = None;
    for (row, &letter) in from.iter().enumerate() {
        let mut current = Vec::with_capacity(to.len() + 1);
        let mut left = row + 1;
        current.push(left);
        let mut previous = None;
        for (column, &other) in to.iter().enumerate() {
            let at = |line: &[usize], index: usize| line.get(index).copied().unwrap_or(usize::MAX / 2);
            let replaced = at(&above, column) + usize::from(letter != other);
            let mut best = replaced.min(at(&above, column + 1) + 1).min(left + 1);
            if last == Some(other) && previous == Some(letter) && column > 0 {
                best = best.min(at(&before, column - 1) + 1);
            }
            current.push(best);
            left = best;
            previous = Some(other);
        }
        last = Some(letter);
        before = std::mem::replace(&mut above, current);
    }
    above.last().copied().unwrap_or(from.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_name_that_was_meant_is_found() {
        let names = ["query", "limit", "created_after", "tag", "n"];
        for (typed, meant) in [
            ("limt", Some("limit")),
            ("lmiit", Some("limit")),
            ("Query", Some("query")),
            ("tagg", Some("tag")),
            ("created-after", Some("created_after")),
            ("createdAfter", Some("created_after")),
            ("zebra", None),
            ("m", None),
            ("", None),
        ] {
            assert_eq!(nearest(typed, names.into_iter()), meant, "{typed}");
        }
        assert_eq!(nearest(&"q".repeat(100_000), names.into_iter()), None);
    }
}
