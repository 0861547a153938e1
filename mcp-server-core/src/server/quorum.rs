//! Which replicas stay ready where not all of them open what the others seal.

use crate::store::Badge;

/// How many different sets of keys are compared in full; those that the fewest replicas have are left out.
const SETS: usize = 12;

/// Replicas with the same keys.
struct Set<'a> {
    badge: &'a Badge,
    /// Their positions, in ascending order.
    members: Vec<usize>,
}

/// Whether each of some replicas belongs to the largest group in which everybody opens what everybody else seals.
///
/// The replicas stand in the order in which they joined. Of groups of one size, the one whose members joined earlier
/// counts. So all replicas come to one conclusion, one group is always ready, and a newcomer never displaces it alone.
pub(super) fn majority(badges: &[Badge]) -> Vec<bool> {
    let mut sets: Vec<Set<'_>> = Vec::new();
    for (position, badge) in badges.iter().enumerate() {
        match sets.iter_mut().find(|set| set.badge == badge) {
            Some(set) => set.members.push(position),
            None => sets.push(Set { badge, members: vec![position] }),
        }
    }
    // Stable: of equally many, those that joined earlier stay in front.
    sets.sort_by_key(|set| std::cmp::Reverse(set.members.len()));
    sets.truncate(SETS);
    let mut best = Vec::new();
    grow(&sets, &mut Vec::new(), &mut best);
    (0..badges.len()).map(|position| best.contains(&position)).collect()
}

/// Tries every group that contains `chosen` and some of the sets that are left, and keeps the best.
fn grow<'a>(left: &[Set<'a>], chosen: &mut Vec<(&'a Badge, Vec<usize>)>, best: &mut Vec<usize>) {
    let mut members: Vec<usize> = chosen.iter().flat_map(|(_, members)| members.iter().copied()).collect();
    members.sort_unstable();
    if members.len() > best.len() || (members.len() == best.len() && members < *best) {
        *best = members;
    }
    for (index, set) in left.iter().enumerate() {
        if chosen.iter().all(|(badge, _)| badge.agrees_with(set.badge)) {
            chosen.push((set.badge, set.members.clone()));
            grow(left.get(index + 1..).unwrap_or_default(), chosen, best);
            chosen.pop();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::seal::{SealKey, Sealer};

    fn badge(keys: &str) -> Badge {
        let key = |id: char| SealKey::new(id.to_string(), id.to_string().repeat(40)).unwrap();
        Badge::of(&Sealer::new(keys.chars().map(key).collect()).unwrap())
    }

    fn ready(replicas: &[&str]) -> Vec<usize> {
        let badges: Vec<Badge> = replicas.iter().map(|keys| badge(keys)).collect();
        let majority = majority(&badges);
        (0..replicas.len()).filter(|position| majority[*position]).collect()
    }

    #[test]
    fn the_odd_one_alone_is_not_ready() {
        assert_eq!(ready(&["a", "a", "b", "a"]), [0, 1, 3]);
        assert_eq!(ready(&["b", "a", "a", "a"]), [1, 2, 3]);
        assert_eq!(ready(&["a", "b", "c", "b", "d"]), [1, 3]);
    }

    #[test]
    fn who_joined_earlier_stays_ready_in_a_tie() {
        assert_eq!(ready(&["a", "b"]), [0]);
        assert_eq!(ready(&["a", "b", "b", "a"]), [0, 3]);
        assert_eq!(ready(&["b", "a", "c"]), [0]);
    }

    #[test]
    fn a_rotation_in_steps_keeps_everybody_ready() {
        for step in [
            &["a", "a", "a"][..],
            &["a", "ab", "a"],
            &["ab", "ab", "ab"],
            &["ab", "ba", "ab"],
            &["ba", "ba", "ba"],
            &["ba", "b", "ba"],
            &["b"],
        ] {
            assert_eq!(ready(step).len(), step.len(), "{step:?}");
        }
    }

    #[test]
    fn a_step_that_comes_too_early_is_the_odd_one() {
        assert_eq!(ready(&["a", "ab", "ba"]), [0, 1], "the first one does not open what the last one seals");
        assert_eq!(ready(&["a", "ab", "b"]), [0, 1]);
    }

    #[test]
    fn many_different_sets_of_keys_are_no_burden() {
        let letters: Vec<String> = ('A'..='Z').map(String::from).collect();
        let mut replicas: Vec<&str> = letters.iter().map(String::as_str).collect();
        replicas.push("Z");
        assert_eq!(ready(&replicas), [25, 26]);
        assert!(ready(&[]).is_empty());
    }
}
