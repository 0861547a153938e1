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

#[cfg(test)]
mod tests {
    use std::sync::Mutex;
    use std::sync::mpsc::{Sender, channel};
    use std::thread;

    use opentelemetry::trace::{Tracer as _, TracerProvider as _};
    use opentelemetry_sdk::trace::SdkTracerProvider;

    use super::*;
    use crate::telemetry::export::variables::Signal;

    const LIMITS: QueueLimits = QueueLimits { spans: 4, batch: 2, delay: Duration::from_hours(1) };

    /// Tells how many spans came, and waits until it may go on.
    #[derive(Debug)]
    struct Slow {
        came: Sender<usize>,
        go: Mutex<Receiver<OTelSdkResult>>,
    }

    impl SpanExporter for Slow {
        async fn export(&self, batch: Vec<SpanData>) -> OTelSdkResult {
            self.came.send(batch.len()).unwrap();
            self.go.lock().unwrap().recv().unwrap_or(Ok(()))
        }
    }

    struct Running {
        provider: SdkTracerProvider,
        came: Receiver<usize>,
        go: SyncSender<OTelSdkResult>,
        loss: Arc<Loss>,
    }

    fn running() -> Running {
        let (tell, came) = channel();
        let (go, may) = sync_channel(100);
        let loss = Loss::of(Signal::Traces);
        let (queue, worker) = queue(LIMITS, Slow { came: tell, go: Mutex::new(may) }, None, Arc::clone(&loss));
        thread::spawn(move || worker.run(&Resource::builder_empty().build()));
        Running { provider: SdkTracerProvider::builder().with_span_processor(queue).build(), came, go, loss }
    }

    impl Running {
        fn spans(&self, many: usize) {
            let tracer = self.provider.tracer("test");
            (0..many).for_each(|_| drop(tracer.start("span")));
        }
    }

    #[test]
    fn a_batch_leaves_at_once_and_the_rest_when_it_is_asked_for() {
        let running = running();
        running.spans(2);
        assert_eq!(running.came.recv(), Ok(2), "the timer would come in an hour");
        running.go.send(Ok(())).unwrap();
        running.spans(1);
        running.go.send(Ok(())).unwrap();
        running.provider.force_flush().unwrap();
        assert_eq!(running.came.try_recv(), Ok(1));
        running.spans(1);
        running.go.send(Ok(())).unwrap();
        running.provider.shutdown().unwrap();
        assert_eq!(running.came.try_recv(), Ok(1), "the last one leaves before the end");
        assert_eq!(running.loss.untold(), 0);
    }

    #[test]
    fn what_does_not_fit_is_counted_and_nobody_waits() {
        let running = running();
        running.spans(2);
        assert_eq!(running.came.recv(), Ok(2));
        // The exporter hangs now: four wait, and the rest is lost.
        running.spans(10);
        assert_eq!(running.loss.untold(), 6);
        let ended = running.provider.shutdown_with_timeout(Duration::from_millis(1));
        assert!(ended.is_err(), "the end does not wait for it either");
    }

    #[test]
    fn what_is_not_taken_is_counted() {
        let running = running();
        let refused = |untold| {
            running.go.send(Err(OTelSdkError::InternalFailure("no".to_owned()))).unwrap();
            running.spans(2);
            running.provider.force_flush().unwrap();
            assert_eq!(running.loss.untold(), untold);
        };
        // The first loss is told in the log, which is then silent for a minute.
        refused(0);
        refused(2);
        refused(4);
    }
}
