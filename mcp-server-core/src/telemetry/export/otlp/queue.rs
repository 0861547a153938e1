//! The queue of spans: whoever ends a span puts it in and never waits; a thread of its own takes them out in batches.
//!
//! The SDK has such a queue, which does not say how much it drops.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, TrySendError, sync_channel};
use std::time::{Duration, Instant};

use opentelemetry::Context;
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::error::{OTelSdkError, OTelSdkResult};
use opentelemetry_sdk::trace::{Span, SpanData, SpanExporter, SpanProcessor};

use super::attempt::{Bound, attempt, wait};
use super::loss::{Loss, Reason};
use crate::telemetry::Scope;
use crate::telemetry::export::wanted::QueueLimits;

/// How long a flush is waited for.
const PATIENCE: Duration = Duration::from_secs(5);

/// What the thread is asked for.
#[derive(Debug)]
enum Ask {
    /// There is a whole batch.
    Export,
    /// Everything that waits now.
    Flush(SyncSender<OTelSdkResult>),
    /// Everything that waits, within a time, and then the end.
    Stop(Instant, SyncSender<OTelSdkResult>),
}

/// The end of the queue where spans go in.
#[derive(Debug)]
pub(super) struct Queue {
    /// Boxed, for the queue has all its places from the start.
    spans: SyncSender<Box<SpanData>>,
    asks: SyncSender<Ask>,
    waiting: Arc<AtomicUsize>,
    batch: usize,
    loss: Arc<Loss>,
}

/// The end where they come out, which runs on a thread of its own.
#[derive(Debug)]
pub(super) struct Worker<E> {
    spans: Receiver<Box<SpanData>>,
    asks: Receiver<Ask>,
    waiting: Arc<AtomicUsize>,
    limits: QueueLimits,
    loss: Arc<Loss>,
    exporter: E,
    bound: Option<Bound>,
}

/// Makes a queue.
pub(super) fn queue<E: SpanExporter>(
    limits: QueueLimits,
    exporter: E,
    bound: Option<Bound>,
    loss: Arc<Loss>,
) -> (Queue, Worker<E>) {
    let (spans, taken) = sync_channel(limits.spans);
    let (asks, asked) = sync_channel(8);
    let waiting = Arc::new(AtomicUsize::new(0));
    let queue = Queue { spans, asks, waiting: Arc::clone(&waiting), batch: limits.batch, loss: Arc::clone(&loss) };
    (queue, Worker { spans: taken, asks: asked, waiting, limits, loss, exporter, bound })
}

impl SpanProcessor for Queue {
    fn on_start(&self, _: &mut Span, _: &Context) {}

    fn on_end(&self, mut span: SpanData) {
        if !span.span_context.is_sampled() {
            return;
        }
        // An author's span within a call may have its arguments as attributes.
        if let Some(scope) = Scope::current() {
            scope.scrub_span(&mut span);
        }
        let waiting = self.waiting.fetch_add(1, Ordering::Relaxed) + 1;
        match self.spans.try_send(Box::new(span)) {
            // One of them wakes the thread: that costs more than all the rest. If it is asked already, it looks anyway.
            Ok(()) if waiting == self.batch => drop(self.asks.try_send(Ask::Export)),
            Ok(()) => {}
            Err(error) => {
                self.waiting.fetch_sub(1, Ordering::Relaxed);
                let is_full = matches!(error, TrySendError::Full(_));
                self.loss.add(if is_full { Reason::QueueFull } else { Reason::ExportFailed }, 1);
            }
        }
    }

    fn force_flush(&self) -> OTelSdkResult {
        self.ask(PATIENCE, Ask::Flush)
    }

    fn shutdown_with_timeout(&self, timeout: Duration) -> OTelSdkResult {
        let until = Instant::now() + timeout;
        let ended = self.ask(timeout, |done| Ask::Stop(until, done));
        if let Err(OTelSdkError::Timeout(_)) = ended {
            self.loss.add(Reason::ExportFailed, self.waiting.load(Ordering::Relaxed) as u64);
            self.loss.say("the collector gave no answer before the server ended");
        }
        ended
    }
}

impl Queue {
    fn ask(&self, timeout: Duration, ask: impl FnOnce(SyncSender<OTelSdkResult>) -> Ask) -> OTelSdkResult {
        let (done, answer) = sync_channel(1);
        match self.asks.try_send(ask(done)) {
            Ok(()) => answer.recv_timeout(timeout).unwrap_or(Err(OTelSdkError::Timeout(timeout))),
            Err(TrySendError::Full(_)) => Err(OTelSdkError::Timeout(timeout)),
            Err(TrySendError::Disconnected(_)) => Err(OTelSdkError::AlreadyShutdown),
        }
    }
}

impl<E: SpanExporter> Worker<E> {
    /// Exports what comes until it is asked to stop.
    pub(super) fn run(mut self, resource: &Resource) {
        // What the exporter does is not itself traced.
        let _untraced = Context::enter_telemetry_suppressed_scope();
        self.exporter.set_resource(resource);
        let mut next = Instant::now() + self.limits.delay;
        loop {
            let is_due = self.waiting.load(Ordering::Relaxed) >= self.limits.batch;
            let patience = if is_due { Duration::ZERO } else { next.saturating_duration_since(Instant::now()) };
            match self.asks.recv_timeout(patience) {
                Ok(Ask::Flush(done)) => drop(done.try_send(self.export_all(None))),
                Ok(Ask::Stop(until, done)) => {
                    let exported = self.export_all(Some(until));
                    self.end();
                    drop(done.try_send(exported));
                    return;
                }
                Ok(Ask::Export) | Err(RecvTimeoutError::Timeout) => drop(self.export()),
                Err(RecvTimeoutError::Disconnected) => {
                    drop(self.export_all(Some(Instant::now())));
                    return self.end();
                }
            }
            next = Instant::now() + self.limits.delay;
        }
    }

    /// Exports one batch of those that wait; `None` if none does.
    fn export(&self) -> Option<OTelSdkResult> {
        let batch: Vec<SpanData> = self.spans.try_iter().take(self.limits.batch).map(|span| *span).collect();
        let many = batch.len();
        self.waiting.fetch_sub(many, Ordering::Relaxed);
        if batch.is_empty() {
            return None;
        }
        let exported = wait(attempt(self.bound.as_ref(), self.exporter.export(batch)));
        if exported.is_err() {
            self.loss.add(Reason::ExportFailed, many as u64);
        }
        match &exported {
            Ok(()) => self.loss.tell("more spans than can be exported"),
            Err(error) => self.loss.tell(&error.to_string()),
        }
        Some(exported)
    }

    /// Exports those that wait now, but begins no batch after a time.
    fn export_all(&self, until: Option<Instant>) -> OTelSdkResult {
        let mut left = self.waiting.load(Ordering::Relaxed).div_ceil(self.limits.batch);
        let mut all = Ok(());
        while left > 0 && until.is_none_or(|until| Instant::now() < until) {
            let Some(exported) = self.export() else { break };
            all = all.and(exported);
            left -= 1;
        }
        all
    }

    fn end(&self) {
        let left = self.spans.try_iter().count();
        if left > 0 {
            self.loss.add(Reason::ExportFailed, left as u64);
        }
        self.loss.say("the server ended before they could be exported");
        if let Err(error) = self.exporter.shutdown() {
            tracing::debug!(target: "mcp_server", %error, "the exporter of spans did not end well");
        }
    }
}
