//! The nearest of the known words, for who mistyped one.

/// The known word that is nearest to another, if one is near.
pub(super) fn nearest(word: &str, known: &[&'static str]) -> Option<&'static str> {
    let limit = (word.chars().count() / 3).max(1);
    known
        .iter()
        .map(|candidate| (distance(word, candidate), *candidate))
        .min()
        .filter(|(distance, _)| *distance <= limit)
        .map(|(_, candidate)| candidate)
}

/// How many letters were added, left out, replaced, or swapped with their neighbour.
fn distance(left: &str, right: &str) -> usize {
    let right: Vec<char> = right.chars().collect();
    let mut before: Vec<usize> = Vec::new();
    let mut row: Vec<usize> = (0..=right.len()).collect();
    let mut last = None;
    for (index, letter) in left.chars().enumerate() {
        let mut next = vec![index + 1];
        for (column, other) in right.iter().enumerate() {
            let cell = |cells: &[usize], at: usize| cells.get(at).copied().unwrap_or(usize::MAX / 2);
            let mut best = (cell(&row, column) + usize::from(letter != *other))
                .min(cell(&row, column + 1) + 1)
                .min(cell(&next, column) + 1);
            let neighbour = column.checked_sub(1).and_then(|at| right.get(at));
            if last == Some(*other) && neighbour == Some(&letter) {
                best = best.min(cell(&before, column - 1) + 1);
            }
            next.push(best);
        }
        before = std::mem::replace(&mut row, next);
        last = Some(letter);
    }
    row.last().copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::{distance, nearest};

    #[test]
    fn a_slip_of_the_finger_is_one_step() {
        assert_eq!(distance("timeuot", "timeout"), 1);
        assert_eq!(distance("tmeout", "timeout"), 1);
        assert_eq!(distance("timeoutt", "timeout"), 1);
        assert_eq!(distance("", "abc"), 3);
    }

    #[test]
    fn only_what_is_near_is_suggested() {
        assert_eq!(nearest("readonly", &["read_only", "scopes"]), Some("read_only"));
        assert_eq!(nearest("colour", &["read_only", "scopes"]), None);
    }
}
