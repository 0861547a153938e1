//! What services answered to the requests of a call.

use std::sync::{Mutex, PoisonError};

/// How many addresses of one call are told apart.
const MOST: usize = 32;

/// The last answer of each address that a call asked.
#[derive(Debug, Default)]
pub(super) struct Upstreams(Mutex<Vec<(u64, Answered)>>);

/// How a service answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(not(feature = "reqwest"), expect(dead_code, reason = "without the feature nobody asks a service"))]
pub(crate) enum Answered {
    /// With a status.
    Status(u16),
    /// Not in time.
    Late,
    /// Not at all.
    Never,
}

impl Answered {
    /// Returns whether this is an error.
    pub(crate) const fn is_error(self) -> bool {
        !matches!(self, Self::Status(..400))
    }

    /// Returns whether a tool may take it for "there is none".
    pub(crate) const fn says_none(self) -> bool {
        matches!(self, Self::Status(404 | 410))
    }

    /// Returns the value of `error.type`.
    pub(crate) fn error_type(self) -> String {
        match self {
            Self::Status(status) => status.to_string(),
            Self::Late => "timeout".to_owned(),
            Self::Never => super::semconv::OTHER.to_owned(),
        }
    }
}

impl Upstreams {
    /// Records an answer of the address with this hash. A later answer of the same address counts instead of it.
    pub(super) fn record(&self, address: u64, answered: Answered) {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, last)) = all.iter_mut().find(|(known, _)| *known == address) {
            *last = answered;
        } else if all.len() < MOST {
            all.push((address, answered));
        }
    }

    /// Returns the first error that no later answer of its address replaced.
    pub(super) fn error(&self) -> Option<Answered> {
        let all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let errors = || all.iter().map(|(_, answered)| *answered).filter(|answered| answered.is_error());
        // "There is none" is the mildest of them.
        errors().find(|answered| !answered.says_none()).or_else(|| errors().next())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_retry_that_succeeds_replaces_the_error_and_another_address_does_not() {
        let upstreams = Upstreams::default();
        assert_eq!(upstreams.error(), None);
        upstreams.record(1, Answered::Status(503));
        upstreams.record(2, Answered::Status(200));
        assert_eq!(upstreams.error(), Some(Answered::Status(503)));
        upstreams.record(1, Answered::Status(204));
        assert_eq!(upstreams.error(), None);
        upstreams.record(3, Answered::Status(404));
        upstreams.record(4, Answered::Never);
        assert_eq!(upstreams.error(), Some(Answered::Never));
    }

    #[test]
    fn what_is_recorded_is_bounded() {
        let upstreams = Upstreams::default();
        (0..1000).for_each(|address| upstreams.record(address, Answered::Status(500)));
        assert_eq!(upstreams.0.lock().unwrap().len(), MOST);
    }
}
