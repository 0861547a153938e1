//! What arrived at a collector, and waiting for more.

use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use opentelemetry_proto::tonic::collector::metrics::v1::ExportMetricsServiceRequest;
use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;

use super::mood::Mood;
use super::reading::{SeenMetric, SeenSpan};

/// How long a test waits before it says that something never came.
const PATIENCE: Duration = Duration::from_secs(30);

/// What a collector keeps.
#[derive(Debug, Default)]
pub(super) struct Kept {
    pub(super) mood: Mood,
    /// Requests, also those that were not taken.
    pub(super) asked: usize,
    pub(super) spans: Vec<SeenSpan>,
    pub(super) metrics: Vec<SeenMetric>,
    /// The values of the header `authorization`.
    pub(super) tokens: Vec<String>,
    /// How the bodies were compressed.
    pub(super) codings: Vec<String>,
}

/// What arrived.
#[derive(Debug, Default)]
pub(super) struct Arrived {
    kept: Mutex<Kept>,
    news: Condvar,
}

impl Arrived {
    pub(super) fn lock(&self) -> MutexGuard<'_, Kept> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Notes a request, and says how it is to be answered.
    pub(super) fn asked(&self, token: Option<&str>, coding: Option<&str>) -> Mood {
        let mut kept = self.lock();
        kept.asked += 1;
        kept.tokens.extend(token.map(str::to_owned));
        kept.codings.extend(coding.map(str::to_owned));
        self.news.notify_all();
        let mood = kept.mood;
        if matches!(mood, Mood::Busy | Mood::Tired) {
            kept.mood = Mood::Well;
        }
        mood
    }

    pub(super) fn spans(&self, request: ExportTraceServiceRequest) {
        self.lock().spans.extend(SeenSpan::all(request));
        self.news.notify_all();
    }

    pub(super) fn metrics(&self, request: ExportMetricsServiceRequest) {
        self.lock().metrics.extend(SeenMetric::all(request));
        self.news.notify_all();
    }

    /// Waits until something can be found in what arrived.
    pub(super) fn until<T>(&self, what: &str, find: impl Fn(&Kept) -> Option<T>) -> T {
        let began = Instant::now();
        let mut kept = self.lock();
        loop {
            if let Some(found) = find(&kept) {
                return found;
            }
            let left = PATIENCE.saturating_sub(began.elapsed());
            assert!(!left.is_zero(), "{what} never came; there are {}", kept.summary());
            kept = self.news.wait_timeout(kept, left).unwrap_or_else(PoisonError::into_inner).0;
        }
    }
}

impl Kept {
    fn summary(&self) -> String {
        let spans: Vec<String> =
            self.spans.iter().map(|span| format!("{} {:?}", span.name(), span.attributes())).collect();
        let mut metrics: Vec<&str> = self.metrics.iter().map(SeenMetric::name).collect();
        metrics.sort_unstable();
        metrics.dedup();
        format!("{} requests, the spans\n{}\nand the metrics {}", self.asked, spans.join("\n"), metrics.join(", "))
    }
}
