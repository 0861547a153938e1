//! Nearest names: what somebody may have meant by a name that does not exist.

/// The names nearest to the wanted one, best first, at most three.
pub fn nearest<'a>(wanted: &str, names: impl IntoIterator<Item = &'a str>) -> Vec<&'a str> {
    let wanted = wanted.to_lowercase();
    let mut scored: Vec<(usize, &str)> = names
        .into_iter()
        .filter_map(|name| {
            let folded = name.to_lowercase();
            let last = folded.rsplit('.').next().unwrap_or(&folded);
            let score = distance(&wanted, &folded).min(distance(&wanted, last));
            let contained =
                wanted.len() >= 3 && (folded.contains(&wanted) || (last.len() >= 3 && wanted.contains(last)));
            let limit = wanted.chars().count().max(last.chars().count()) / 3;
            (contained || score <= limit.max(1)).then_some((if contained { score.min(2) } else { score }, name))
        })
        .collect();
    scored.sort_unstable();
    scored.dedup_by(|one, other| one.1 == other.1);
    scored.into_iter().take(3).map(|(_, name)| name).collect()
}

/// Names as a sentence: "`a`, `b` or `c`".
pub fn either(names: &[&str]) -> String {
    match names {
        [] => String::new(),
        [one] => format!("`{one}`"),
        [first @ .., last] => {
            let first: Vec<String> = first.iter().map(|name| format!("`{name}`")).collect();
            format!("{} or `{last}`", first.join(", "))
        }
    }
}

/// How many characters to insert, remove, replace or swap with their neighbour.
fn distance(one: &str, other: &str) -> usize {
    let (one, other): (Vec<char>, Vec<char>) = (one.chars().collect(), other.chars().collect());
    let mut before: Vec<usize> = Vec::new();
    let mut above: Vec<usize> = (0..=other.len()).collect();
    for (i, a) in one.iter().enumerate() {
        let mut row = vec![i + 1];
        for (j, b) in other.iter().enumerate() {
            let at = |line: &[usize], index: usize| line.get(index).copied().unwrap_or(usize::MAX - 1);
            let mut best = (at(&above, j + 1) + 1).min(at(&row, j) + 1).min(at(&above, j) + usize::from(a != b));
            let swapped = i > 0 && j > 0 && one.get(i - 1) == Some(b) && other.get(j - 1) == Some(a);
            if swapped {
                best = best.min(at(&before, j - 1) + 1);
            }
            row.push(best);
        }
        before = std::mem::replace(&mut above, row);
    }
    above.last().copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slip_finds_its_name() {
        let names = ["public.orders", "public.customers", "strike", "airport"];
        assert_eq!(nearest("order", names), ["public.orders"]);
        assert_eq!(nearest("stirke", names), ["strike"]);
        assert_eq!(nearest("airports", names), ["airport"]);
        assert!(nearest("invoice", names).is_empty());
        assert_eq!(distance("ab", "ba"), 1);
        assert_eq!(either(&["a", "b", "c"]), "`a`, `b` or `c`");
    }
}
