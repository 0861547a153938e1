//! What the client was told of a call's progress.

use std::sync::Mutex;
use std::time::Duration;

use tokio::time::Instant;

/// The least time between two reports; the one that completes the total is never held back.
const LEAST_GAP: Duration = Duration::from_millis(20);
/// How far a heartbeat rises: less than any step that an author reports.
const HEARTBEAT: f64 = 1e-6;

/// What the reports of one call must rise above.
#[derive(Debug, Default)]
pub(crate) struct Reported(Mutex<Option<Last>>);

/// The last report.
#[derive(Clone, Copy, Debug)]
struct Last {
    /// What the author reported, and when; `None` while there were heartbeats alone.
    report: Option<(f64, Instant)>,
    /// What the client got last, which is higher if heartbeats followed, and when.
    sent: f64,
    at: Instant,
}

impl Reported {
    /// Returns the value to send for a report of the author: it is finite, higher than the last, and not too soon unless
    /// it completes the total.
    pub(super) fn admit(&self, value: f64, total: Option<f64>) -> Option<f64> {
        if !value.is_finite() || total.is_some_and(|total| !total.is_finite()) {
            return None;
        }
        let mut last = self.0.lock().ok()?;
        let now = Instant::now();
        if let Some(Last { report: Some((before, at)), .. }) = *last
            && (value <= before || (now.duration_since(at) < LEAST_GAP && total != Some(value)))
        {
            return None;
        }
        // What is sent must rise for the client, heartbeats included (basic/utilities/progress).
        let sent = last.map_or(value, |last| value.max(last.sent.next_up()));
        *last = Some(Last { report: Some((value, now)), sent, at: now });
        Some(sent)
    }

    /// Returns the value of a heartbeat if nothing was sent for so long, or else when to look again.
    pub(super) fn heartbeat(&self, silence: Duration) -> Result<f64, Instant> {
        let now = Instant::now();
        let Ok(mut last) = self.0.lock() else { return Err(now + silence) };
        let (report, sent) = match *last {
            Some(last) if now.duration_since(last.at) < silence => return Err(last.at + silence),
            Some(last) => (last.report, (last.sent + HEARTBEAT).max(last.sent.next_up())),
            None => (None, HEARTBEAT),
        };
        *last = Some(Last { report, sent, at: now });
        Ok(sent)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SILENCE: Duration = Duration::from_secs(10);

    #[tokio::test(start_paused = true)]
    async fn heartbeats_rise_and_never_hide_what_the_author_reports() {
        let reported = Reported::default();
        let mut seen = vec![reported.heartbeat(SILENCE).unwrap()];
        for step in 0..4 {
            tokio::time::advance(SILENCE * 2).await;
            seen.push(reported.heartbeat(SILENCE).unwrap());
            tokio::time::advance(Duration::from_millis(1)).await;
            seen.push(reported.admit(f64::from(step), Some(3.0)).unwrap());
            assert!(reported.admit(f64::from(step), Some(3.0)).is_none(), "it does not rise");
        }
        tokio::time::advance(SILENCE).await;
        seen.push(reported.heartbeat(SILENCE).unwrap());
        assert!(seen.is_sorted_by(|one, two| one < two), "{seen:?}");
        assert!(seen.last().is_some_and(|last| *last < 3.1), "{seen:?}");
    }

    #[tokio::test(start_paused = true)]
    async fn a_heartbeat_waits_for_a_whole_silence() {
        let reported = Reported::default();
        assert!(reported.admit(1e300, None).is_some());
        let due = Instant::now() + SILENCE;
        tokio::time::advance(Duration::from_secs(4)).await;
        assert_eq!(reported.heartbeat(SILENCE), Err(due));
        tokio::time::advance(Duration::from_secs(6)).await;
        assert!(reported.heartbeat(SILENCE).is_ok_and(|value| value > 1e300));
    }
}
