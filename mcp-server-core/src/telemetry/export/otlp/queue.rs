//! The queue of spans: whoever ends a span puts it in and never waits; a thread of its own takes them out in batches.
//!
//! The SDK has such a queue, which does not say how much it drops.

use std::cell::RefCell;
use std::sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use opentelemetry::Context;
use opentelemetry_sdk::error::{OTelSdkError, OTelSdkResult};
use opentelemetry_sdk::trace::{Span, SpanData, SpanProcessor};

use super::batch::{Batch, Place, Waiting};
use super::encode::encode;
use super::loss::{Loss, Reason};
use super::size;
use crate::telemetry::export::wanted::QueueLimits;
use crate::telemetry::redact::Redactor;
use crate::telemetry::trace::{Ended, SpanLimits, Takes};
use crate::telemetry::{Meters, Scope};

/// Bytes that are kept for the next span.
const SHORT: usize = 16 * 1024;
/// How long a flush is waited for.
const PATIENCE: Duration = Duration::from_secs(5);

thread_local! {
    static SPAN: RefCell<Vec<u8>> = const { RefCell::new(Vec::new()) };
}

/// What the thread is asked for.
#[derive(Debug)]
pub(super) enum Ask {
    /// There is a whole batch.
    Export,
    /// Everything that waits now.
    Flush(SyncSender<OTelSdkResult>),
    /// Everything that waits, within a time, and then the end.
    Stop(Instant, SyncSender<OTelSdkResult>),
}

/// The end of the queue where spans go in.
#[derive(Clone, Debug)]
pub(super) struct Queue {
    waiting: Arc<Mutex<Waiting>>,
    asks: SyncSender<Ask>,
    limits: SpanLimits,
    redactor: Arc<Redactor>,
    loss: Arc<Loss>,
}

/// The end where they come out.
#[derive(Debug)]
pub(super) struct Exit {
    waiting: Arc<Mutex<Waiting>>,
    pub(super) asks: Receiver<Ask>,
}

/// Makes a queue.
pub(super) fn queue(queue: QueueLimits, limits: SpanLimits, redactor: Arc<Redactor>, loss: Arc<Loss>) -> (Queue, Exit) {
    let (asks, asked) = sync_channel(8);
    let waiting = Arc::new(Mutex::new(Waiting::new(queue)));
    (Queue { waiting: Arc::clone(&waiting), asks, limits, redactor, loss }, Exit { waiting, asks: asked })
}

impl Takes for Queue {
    fn take(&self, span: Ended<'_>) {
        SPAN.with_borrow_mut(|bytes| {
            bytes.clear();
            encode(span, &self.redactor, self.limits, bytes);
            self.add(bytes.len(), |batch| batch.push(bytes));
            // One that was long does not have its place for ever.
            bytes.shrink_to(SHORT);
        });
    }
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
        self.limits.trim(&mut span);
        self.add(size::of(&span), |batch| batch.others.push(span));
    }

    fn force_flush(&self) -> OTelSdkResult {
        self.ask(PATIENCE, Ask::Flush)
    }

    fn shutdown_with_timeout(&self, timeout: Duration) -> OTelSdkResult {
        let until = Instant::now() + timeout;
        let ended = self.ask(timeout, |done| Ask::Stop(until, done));
        // The thread is still busy, or gone.
        if let Err(OTelSdkError::Timeout(_) | OTelSdkError::AlreadyShutdown) = ended {
            let lost = locked(&self.waiting).close();
            self.loss.add(Reason::ExportFailed, lost as u64);
            self.loss.say("the collector gave no answer before the server ended");
        }
        ended
    }
}

impl Queue {
    /// Publishes how full it is.
    pub(super) fn watch(&self, meters: &Meters) {
        meters.watch_capacity("span_bytes", &Arc::downgrade(&self.waiting), |waiting| locked(waiting).capacity());
    }

    fn add(&self, bytes: usize, add: impl FnOnce(&mut Batch)) {
        let place = locked(&self.waiting).add(bytes, add);
        match place {
            Place::Waits => {}
            // One of them wakes the thread: that costs more than all the rest. If it is asked already, it looks anyway.
            Place::Due => drop(self.asks.try_send(Ask::Export)),
            Place::None => self.loss.add(Reason::QueueFull, 1),
            Place::Closed => self.loss.add(Reason::ExportFailed, 1),
        }
    }

    fn ask(&self, timeout: Duration, ask: impl FnOnce(SyncSender<OTelSdkResult>) -> Ask) -> OTelSdkResult {
        let (done, answer) = sync_channel(1);
        match self.asks.try_send(ask(done)) {
            Ok(()) => answer.recv_timeout(timeout).unwrap_or(Err(OTelSdkError::Timeout(timeout))),
            Err(TrySendError::Full(_)) => Err(OTelSdkError::Timeout(timeout)),
            Err(TrySendError::Disconnected(_)) => Err(OTelSdkError::AlreadyShutdown),
        }
    }
}

impl Exit {
    /// Looks at those that wait.
    pub(super) fn waiting(&self) -> MutexGuard<'_, Waiting> {
        locked(&self.waiting)
    }
}

fn locked(waiting: &Mutex<Waiting>) -> MutexGuard<'_, Waiting> {
    waiting.lock().unwrap_or_else(PoisonError::into_inner)
}
