//! Why an export was not taken, and whether it may be later.

use std::time::Duration;

/// Why a collector did not take an export.
#[derive(Debug)]
pub(super) struct Refusal {
    pub(super) cause: String,
    pub(super) hope: Hope,
}

/// Whether the same export may be taken later (OTLP, sections "Failures" and "Retryable Response Codes").
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Hope {
    None,
    Later,
    /// No earlier than after this time.
    After(Duration),
}
