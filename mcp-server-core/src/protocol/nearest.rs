//! The known name nearest to an unknown one.

/// Names longer than this are compared by their beginnings, so that a hostile name costs no more than a long one.
const LONGEST: usize = 64;

/// How many known names are looked at.
const MOST: usize = 512;

/// The name among some that is most likely meant by one that is not there, if any is near enough.
///
/// Near is a third of the length in edits (insert, delete, replace, swap two neighbours), and at least one; upper and
/// lower case, `-` and `_` count as the same. Of equally near names the first is taken.
pub(crate) fn nearest<'a>(name: &str, among: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let wanted = folded(name);
    if wanted.is_empty() {
        return None;
    }
    let mut best: Option<(usize, &'a str)> = None;
    for candidate in among.take(MOST) {
        let known = folded(candidate);
        let most = (wanted.len().max(known.len()) / 3).max(1);
        if wanted.len().abs_diff(known.len()) > most {
            continue;
        }
        let distance = edits(&wanted, &known);
        if distance <= most && best.is_none_or(|(least, _)| distance < least) {
            best = Some((distance, candidate));
        }
    }
    best.map(|(_, candidate)| candidate)
}

fn folded(name: &str) -> Vec<char> {
    name.chars()
        .take(LONGEST)
        .map(|character| if character == '-' { '_' } else { character.to_ascii_lowercase() })
        .collect()
}

/// The number of edits between two words, neighbours swapped counting as one (optimal string alignment).
fn edits(from: &[char], to: &[char]) -> usize {
    let mut before: Vec<usize> = Vec::new();
    let mut above: Vec<usize> = (0..=to.len()).collect();
    let mut last = None;
    for (row, &left) in from.iter().enumerate() {
        let mut here = Vec::with_capacity(to.len() + 1);
        here.push(row + 1);
        let mut previous = None;
        for (column, &right) in to.iter().enumerate() {
            let cell = |line: &[usize], at: usize| line.get(at).copied().unwrap_or(usize::MAX / 2);
            let replaced = cell(&above, column) + usize::from(left != right);
            let mut fewest = replaced.min(cell(&above, column + 1) + 1).min(cell(&here, column) + 1);
            if last == Some(right) && previous == Some(left) && column > 0 {
                fewest = fewest.min(cell(&before, column - 1) + 1);
            }
            here.push(fewest);
            previous = Some(right);
        }
        last = Some(left);
        before = std::mem::replace(&mut above, here);
    }
    above.last().copied().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::{edits, nearest};

    fn distance(from: &str, to: &str) -> usize {
        edits(&from.chars().collect::<Vec<_>>(), &to.chars().collect::<Vec<_>>())
    }

    #[test]
    fn edits_are_counted() {
        for (from, to, count) in [
            ("", "", 0),
            ("abc", "abc", 0),
            ("", "abc", 3),
            ("abc", "", 3),
            ("kitten", "sitting", 3),
            ("result", "resutl", 1),
            ("ab", "ba", 1),
            ("limit", "limits", 1),
        ] {
            assert_eq!(distance(from, to), count, "{from} {to}");
            assert_eq!(distance(to, from), count, "{to} {from}");
        }
    }

    #[test]
    fn a_slip_is_recognised_and_another_word_is_not() {
        let known = ["query", "limit", "max_result", "id"];
        let near = |name| nearest(name, known.into_iter());
        assert_eq!(near("max_resutl"), Some("max_result"));
        assert_eq!(near("maxResult"), Some("max_result"));
        assert_eq!(near("MAX-RESULT"), Some("max_result"));
        assert_eq!(near("qurey"), Some("query"));
        assert_eq!(near("limits"), Some("limit"));
        assert_eq!(near("ids"), Some("id"));
        assert_eq!(near("offset"), None);
        assert_eq!(near(""), None);
        assert_eq!(nearest("x", std::iter::empty()), None);
    }

    #[test]
    fn a_very_long_name_costs_little() {
        let long = "a".repeat(10_000_000);
        assert_eq!(nearest(&long, ["query"].into_iter()), None);
    }
}
