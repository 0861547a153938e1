//! What replicas know of a tool together, in the form in which the store keeps it.

use serde::{Deserialize, Serialize};

use super::baseline::Baseline;
use super::recent::Recent;

/// The form in which it is kept; another one is left alone.
const FORM: u32 = 2;

/// The baseline of a tool and its last results.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Known {
    form: u32,
    pub(crate) baseline: Baseline,
    pub(crate) recent: Recent,
}

impl Default for Known {
    fn default() -> Self {
        Self { form: FORM, baseline: Baseline::default(), recent: Recent::default() }
    }
}

impl Known {
    /// Adds what another replica learned later.
    pub(crate) fn merge(&mut self, newer: &Self) {
        self.baseline.merge(&newer.baseline);
        self.recent.append(&newer.recent);
    }

    /// Returns whether it holds nothing at all.
    pub(crate) fn is_blank(&self) -> bool {
        self.baseline.is_blank() && self.recent.is_blank()
    }

    /// Writes it as the store keeps it.
    pub(crate) fn write(&self) -> Vec<u8> {
        serde_json::to_vec(self).unwrap_or_default()
    }

    /// Reads what the store keeps; `None` if another version of the program wrote it, or something else did.
    pub(crate) fn read(kept: &[u8]) -> Option<Self> {
        let known: Self = serde_json::from_slice(kept).ok()?;
        (known.form == FORM && known.baseline.is_sound()).then_some(known)
    }
}

#[cfg(test)]
mod tests {
    use super::super::baseline::{FULL, Seen};
    use super::super::recent::Ended;
    use super::*;

    fn known(results: u64) -> Known {
        let mut known = Known::default();
        for rows in 0..results {
            let seen = Seen { empty: rows == 0, rows: Some(rows * rows), bytes: Some(rows * 40), took: None };
            known.baseline.add(&seen, FULL);
            known.recent.add(Ended::Data, rows);
        }
        known
    }

    #[test]
    fn it_is_kept_small_and_read_back_and_another_version_is_not_read() {
        let known = known(4000);
        let kept = known.write();
        assert!(kept.len() < 16 << 10, "{}", kept.len());
        assert_eq!(Known::read(&kept), Some(known));
        let text = String::from_utf8(kept).unwrap();
        assert_eq!(Known::read(text.replace("\"form\":2", "\"form\":3").as_bytes()), None);
        assert_eq!(Known::read(b"null"), None);
    }
}
