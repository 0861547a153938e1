//! Repeats: of equal lines a few are written, the others are counted, and the count is a line of its own.
//!
//! A dependency that is down makes every call write the same. Only lines are left out: metrics, spans and the list of
//! failures have every call.

use std::hash::{BuildHasher as _, RandomState};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::Notify;
use tokio::task::JoinHandle;
use tokio::time::{Instant, sleep_until};
use tracing::level_filters::LevelFilter;
use tracing::subscriber::Interest;
use tracing::{Event, Level, Metadata};
use tracing_subscriber::layer::{Context, Filter};

use super::windows::{LeftOut, Line, Told, Verdict, Windows};
use super::words::{Words, may_be_counted};
use crate::background;
use crate::telemetry::redact::Redactor;

/// The target of the lines that tell a count.
pub(super) const TARGET: &str = "mcp_server::repeats";
/// Characters of a line that its count repeats.
const SHOWN: usize = 400;

/// Judges which lines are written.
#[derive(Debug)]
pub(in crate::server) struct Repeats {
    most: usize,
    keys: RandomState,
    redactor: Arc<Redactor>,
    windows: Mutex<Windows>,
    wake: Notify,
}

impl Repeats {
    /// Writes so many equal lines a minute; all of them, if it is 0.
    pub(super) fn new(most: usize, redactor: &Arc<Redactor>) -> Self {
        Self {
            most,
            keys: RandomState::new(),
            redactor: Arc::clone(redactor),
            windows: Mutex::new(Windows::new(most)),
            wake: Notify::new(),
        }
    }

    fn judges(&self, metadata: &Metadata<'_>) -> bool {
        self.most > 0 && metadata.is_event() && may_be_counted(metadata) && !is_count(metadata)
    }

    fn is_written(&self, event: &Event<'_>) -> bool {
        let metadata = event.metadata();
        if !self.judges(metadata) {
            return true;
        }
        // Everything that takes time, or runs an author's code, happens without the lock.
        let words = Words::of(event);
        let key = self.keys.hash_one((metadata.callsite(), &words.text));
        let line = Line { key, metadata, reference: words.reference.as_deref() };
        match self.judge(line, None) {
            Verdict::Unnamed => self.judge(line, Some(self.shown(&words.text))) != Verdict::LeaveOut,
            verdict => verdict == Verdict::Write,
        }
    }

    fn judge(&self, line: Line<'_>, text: Option<String>) -> Verdict {
        let mut windows = self.windows();
        let verdict = windows.meet(line, text, Instant::now());
        if windows.has_news() {
            self.wake.notify_one();
        }
        verdict
    }

    /// As much of a text as is repeated. It is cut when no credential is in it: half of one would not be known.
    fn shown(&self, text: &str) -> String {
        let clean = self.redactor.text(text);
        match clean.char_indices().nth(SHOWN) {
            Some((end, _)) => format!("{}…", clean.get(..end).unwrap_or_default()),
            None => clean.into_owned(),
        }
    }

    fn windows(&self) -> MutexGuard<'_, Windows> {
        self.windows.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Tells each count when its time is over.
    async fn tell(self: Arc<Self>) {
        loop {
            let due = self.windows().due(Instant::now());
            let Some(due) = due else {
                self.wake.notified().await;
                continue;
            };
            tokio::select! {
                () = sleep_until(due) => {}
                // Something may be due earlier.
                () = self.wake.notified() => continue,
            }
            let told = self.windows().take(Instant::now());
            say(&told);
        }
    }
}

/// Whether a line tells a count. Such lines pass every filter: whoever gets lines is told how many are missing.
pub(super) fn is_count(metadata: &Metadata<'_>) -> bool {
    metadata.target() == TARGET
}

/// Lets the first of equal lines pass.
#[derive(Debug)]
pub(super) struct Few(pub(super) Arc<Repeats>);

impl<S> Filter<S> for Few {
    fn enabled(&self, _: &Metadata<'_>, _: &Context<'_, S>) -> bool {
        true
    }

    fn callsite_enabled(&self, metadata: &'static Metadata<'static>) -> Interest {
        // What is judged by the event must not pass once and for all.
        if self.0.judges(metadata) { Interest::sometimes() } else { Interest::always() }
    }

    fn max_level_hint(&self) -> Option<LevelFilter> {
        Some(LevelFilter::TRACE)
    }

    fn event_enabled(&self, event: &Event<'_>, _: &Context<'_, S>) -> bool {
        self.0.is_written(event)
    }
}

/// Tells what is left out, as long as this is kept. At its end the last counts are told, and nothing is left out any more.
#[derive(Debug)]
#[must_use = "counts are told as long as it is kept"]
pub(in crate::server) struct Telling {
    repeats: Arc<Repeats>,
    teller: JoinHandle<()>,
}

impl Telling {
    /// Begins, within a runtime.
    pub(in crate::server) fn of(repeats: Arc<Repeats>) -> Self {
        let teller = background::spawn("log_counts", Arc::clone(&repeats).tell());
        Self { repeats, teller }
    }
}

impl Drop for Telling {
    fn drop(&mut self) {
        self.teller.abort();
        let told = self.repeats.windows().close();
        say(&told);
    }
}

macro_rules! count {
    ($level:expr, $left:expr, $seconds:expr) => {
        tracing::event!(
            target: TARGET,
            $level,
            left_out = $left.lines,
            of = $left.metadata.target(),
            like = $left.like,
            references = Some($left.references.join(" ")).filter(|list| !list.is_empty()),
            "{} more like this in the last {} s",
            $left.lines,
            $seconds
        )
    };
}

fn say(told: &Told) {
    for left_out in &told.kinds {
        say_one(left_out);
    }
    if told.others > 0 {
        tracing::warn!(target: TARGET, left_out = told.others, "{} more lines of too many kinds", told.others);
    }
}

fn say_one(left: &LeftOut) {
    let seconds = left.since.elapsed().as_millis().div_ceil(1000).max(1);
    match *left.metadata.level() {
        Level::ERROR => count!(Level::ERROR, left, seconds),
        Level::WARN => count!(Level::WARN, left, seconds),
        _ => count!(Level::INFO, left, seconds),
    }
}
