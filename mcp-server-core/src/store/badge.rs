//! What a replica says of its sealing keys, so that others can see whether they would open what it seals.

use serde::{Deserialize, Serialize};

use super::seal::Sealer;

/// The keys of a replica, as fingerprints: an id and a digest of the key.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Badge {
    /// The keys that open, the one that seals first.
    keys: Vec<String>,
}

impl Badge {
    /// What a sealer has now.
    pub(crate) fn of(sealer: &Sealer) -> Self {
        Self { keys: sealer.fingerprints() }
    }

    /// Reads a badge; a replica that says nothing of its keys has none.
    pub(crate) fn read(text: &str) -> Option<Self> {
        serde_json::from_str(text).ok()
    }

    /// As it is worn.
    pub(crate) fn write(&self) -> String {
        serde_json::to_string(self).unwrap_or_default()
    }

    /// Whether each of two replicas opens what the other seals. Keys that only open may differ.
    pub(crate) fn agrees_with(&self, other: &Self) -> bool {
        let opens = |own: &Self, other: &Self| other.keys.first().is_some_and(|seals| own.keys.contains(seals));
        opens(self, other) && opens(other, self)
    }

    /// The keys, for the log: the first seals.
    pub(crate) fn shown(&self) -> String {
        self.keys.join(", ")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::seal::SealKey;

    const OLD: (&str, &str) = ("old", "an old secret of many characters");
    const NEW: (&str, &str) = ("new", "the new secret of many character");

    fn badge(keys: &[(&str, &str)]) -> Badge {
        let keys = keys.iter().map(|(id, secret)| SealKey::new(*id, *secret).unwrap());
        let badge = Badge::of(&Sealer::new(keys.collect()).unwrap());
        assert_eq!(Badge::read(&badge.write()).unwrap(), badge);
        badge
    }

    #[test]
    fn every_step_of_a_rotation_with_overlap_agrees_with_its_neighbours() {
        let steps = [vec![OLD], vec![OLD, NEW], vec![NEW, OLD], vec![NEW]].map(|keys| badge(&keys));
        for pair in steps.windows(2) {
            assert!(pair[0].agrees_with(&pair[1]) && pair[1].agrees_with(&pair[0]), "{pair:?}");
        }
        assert!(!steps[0].agrees_with(&steps[2]), "who has only the old key does not open what the new one seals");
        assert!(!steps[0].agrees_with(&steps[3]));
    }

    #[test]
    fn one_id_for_two_secrets_is_no_agreement_and_shows_neither() {
        let (one, other) = (badge(&[OLD]), badge(&[("old", NEW.1)]));
        assert!(!one.agrees_with(&other));
        assert!(one.shown().starts_with("old:") && !one.write().contains("secret"));
    }

    #[test]
    fn a_badge_of_something_else_says_nothing() {
        assert_eq!(Badge::read(""), None);
        assert_eq!(Badge::read("blue"), None);
    }
}
