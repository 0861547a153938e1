//! What could not be exported: counted for whoever measures, told in the log at most once a minute.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError, Weak};
use std::time::{Duration, Instant};

use crate::telemetry::Meters;
use crate::telemetry::export::variables::Signal;

/// How long the log is silent after it told of a loss.
const SILENCE: Duration = Duration::from_mins(1);

/// Why something was lost, as the value of an attribute.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Reason {
    /// Too much waited for its export already.
    QueueFull,
    /// The collector did not take it.
    ExportFailed,
}

impl Reason {
    const fn word(self) -> &'static str {
        match self {
            Self::QueueFull => "queue_full",
            Self::ExportFailed => "export_failed",
        }
    }
}

/// What is lost of one signal.
#[derive(Debug)]
pub(super) struct Loss {
    signal: Signal,
    /// The instruments exist after the exporters, and hold them.
    meters: OnceLock<Weak<Meters>>,
    /// Since the start.
    lost: AtomicU64,
    /// Of these, as many as the log has told of.
    told: AtomicU64,
    told_last: Mutex<Option<Instant>>,
}

impl Loss {
    pub(super) fn of(signal: Signal) -> Arc<Self> {
        Arc::new(Self {
            signal,
            meters: OnceLock::new(),
            lost: AtomicU64::new(0),
            told: AtomicU64::new(0),
            told_last: Mutex::default(),
        })
    }

    /// Has the losses counted from now on, beginning with none of each kind.
    pub(super) fn count_with(&self, meters: &Arc<Meters>) {
        if self.meters.set(Arc::downgrade(meters)).is_ok() {
            for reason in [Reason::QueueFull, Reason::ExportFailed] {
                if (self.signal, reason) != (Signal::Metrics, Reason::QueueFull) {
                    meters.dropped(self.signal.word(), reason.word(), 0);
                }
            }
        }
    }

    /// Counts what was lost.
    pub(super) fn add(&self, reason: Reason, items: u64) {
        self.lost.fetch_add(items, Ordering::Relaxed);
        if let Some(meters) = self.meters.get().and_then(Weak::upgrade) {
            meters.dropped(self.signal.word(), reason.word(), items);
        }
    }

    /// How much was lost since the start.
    pub(super) fn lost(&self) -> u64 {
        self.lost.load(Ordering::Relaxed)
    }

    /// Tells what was lost since it was told last, if that is long enough ago.
    pub(super) fn tell(&self, cause: &str) {
        let mut last = self.told_last.lock().unwrap_or_else(PoisonError::into_inner);
        if last.is_some_and(|last| last.elapsed() < SILENCE) {
            return;
        }
        if self.say(cause) {
            *last = Some(Instant::now());
        }
    }

    /// Tells what was lost, whenever that was told last.
    pub(super) fn say(&self, cause: &str) -> bool {
        let all = self.lost();
        let lost = all.saturating_sub(self.told.fetch_max(all, Ordering::Relaxed));
        if lost > 0 {
            let signal = self.signal.word();
            tracing::warn!(target: "mcp_server", signal, lost, cause, "telemetry could not be exported; calls go on");
        }
        lost > 0
    }
}
