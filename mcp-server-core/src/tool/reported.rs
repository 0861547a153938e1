//! What the client was told of a call's progress.

use std::sync::Mutex;
use std::time::Duration;

use tokio::time::Instant;

/// The least time between two reports; the one that completes the total is never held back.
const LEAST_GAP: Duration = Duration::from_millis(20);

/// What the reports of one call must rise above.
#[derive(Debug, Default)]
pub(crate) struct Reported(Mutex<Option<(f64, Instant)>>);

impl Reported {
    /// Whether a report may go out: finite, higher than the last, and not too soon unless it is the last.
    pub(super) fn admits(&self, value: f64, total: Option<f64>) -> bool {
        if !value.is_finite() || total.is_some_and(|total| !total.is_finite()) {
            return false;
        }
        let Ok(mut last) = self.0.lock() else { return false };
        let now = Instant::now();
        if let Some((before, at)) = *last
            && (value <= before || (now.duration_since(at) < LEAST_GAP && total != Some(value)))
        {
            return false;
        }
        *last = Some((value, now));
        true
    }
}
