//! The end of the queue of spans where they come out, on a thread of its own.

use std::fmt::Debug;
use std::sync::Arc;
use std::sync::mpsc::RecvTimeoutError;
use std::time::{Duration, Instant};

use opentelemetry::Context;
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::error::{OTelSdkError, OTelSdkResult};

use super::body::Body;
use super::loss::{Loss, Reason};
use super::queue::{Ask, Exit};
use crate::telemetry::redact::Redactor;

/// What sends spans to a collector. It blocks its thread, for a bounded time.
pub(super) trait Sends: Debug + Send {
    /// Sends an `ExportTraceServiceRequest`; gives out which of its spans the collector did not want.
    ///
    /// # Errors
    /// Why it was not taken.
    fn send(&self, body: Vec<u8>) -> Result<Unwanted, String>;
}

/// Spans that a collector took and did not want.
#[derive(Debug, Default)]
pub(super) struct Unwanted {
    pub(super) spans: u64,
    pub(super) why: String,
}

/// Takes spans out of a queue.
#[derive(Debug)]
pub(super) struct Worker<S> {
    pub(super) queue: Exit,
    pub(super) delay: Duration,
    pub(super) sender: S,
    pub(super) redactor: Arc<Redactor>,
    pub(super) loss: Arc<Loss>,
}

impl<S: Sends> Worker<S> {
    /// Exports what comes until it is asked to stop.
    pub(super) fn run(self, resource: &Resource) {
        // What the sender does is not itself traced.
        let _untraced = Context::enter_telemetry_suppressed_scope();
        let body = Body::of(resource);
        let mut next = Instant::now() + self.delay;
        loop {
            let patience = if self.queue.waiting().is_due() {
                Duration::ZERO
            } else {
                next.saturating_duration_since(Instant::now())
            };
            match self.queue.asks.recv_timeout(patience) {
                Ok(Ask::Flush(done)) => drop(done.try_send(self.export_all(&body, None))),
                Ok(Ask::Stop(until, done)) => {
                    let exported = self.export_all(&body, Some(until));
                    self.end();
                    drop(done.try_send(exported));
                    return;
                }
                Ok(Ask::Export) | Err(RecvTimeoutError::Timeout) => drop(self.export(&body)),
                Err(RecvTimeoutError::Disconnected) => return self.end(),
            }
            next = Instant::now() + self.delay;
        }
    }

    /// Exports one batch of those that wait; `None` if none does.
    fn export(&self, body: &Body) -> Option<OTelSdkResult> {
        let mut batch = self.queue.waiting().take()?;
        let many = batch.spans as u64;
        // It is not the call that pays for this.
        batch.others.iter_mut().for_each(|span| self.redactor.span(span));
        let sent = self.sender.send(body.with(batch));
        let lost = sent.as_ref().map_or(many, |unwanted| unwanted.spans);
        // Whoever gave this up has counted it.
        if self.queue.waiting().arrived() && lost > 0 {
            self.loss.add(Reason::ExportFailed, lost);
        }
        match &sent {
            Ok(Unwanted { spans: 0, .. }) => self.loss.tell("more spans than can be exported"),
            Ok(Unwanted { why, .. }) => self.loss.tell(&format!("the collector did not want them: {why}")),
            Err(cause) => self.loss.tell(cause),
        }
        Some(sent.map(drop).map_err(OTelSdkError::InternalFailure))
    }

    /// Exports those that wait now, but begins no batch after a time.
    fn export_all(&self, body: &Body, until: Option<Instant>) -> OTelSdkResult {
        let mut left = self.queue.waiting().batches();
        let mut all = Ok(());
        while left > 0 && until.is_none_or(|until| Instant::now() < until) {
            let Some(exported) = self.export(body) else { break };
            all = all.and(exported);
            left -= 1;
        }
        all
    }

    fn end(&self) {
        let left = self.queue.waiting().close();
        if left > 0 {
            self.loss.add(Reason::ExportFailed, left as u64);
        }
        self.loss.say("the server ended before they could be exported");
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;
    use std::sync::mpsc::{Receiver, Sender, SyncSender, channel, sync_channel};
    use std::thread::{self, JoinHandle};

    use opentelemetry::trace::{Tracer as _, TracerProvider as _};
    use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
    use opentelemetry_sdk::trace::SdkTracerProvider;
    use prost::Message as _;

    use super::*;
    use crate::telemetry::export::otlp::queue::queue;
    use crate::telemetry::export::variables::Signal;
    use crate::telemetry::export::wanted::QueueLimits;
    use crate::telemetry::trace::SpanLimits;

    const LIMITS: QueueLimits = QueueLimits { spans: 4, bytes: 1 << 20, batch: 2, delay: Duration::from_hours(1) };

    /// Tells how many spans came, and waits until it may go on.
    #[derive(Debug)]
    struct Slow {
        came: Sender<usize>,
        go: Mutex<Receiver<Result<u64, String>>>,
    }

    impl Sends for Slow {
        fn send(&self, body: Vec<u8>) -> Result<Unwanted, String> {
            let request = ExportTraceServiceRequest::decode(&body[..]).unwrap();
            let scopes = request.resource_spans.iter().flat_map(|spans| &spans.scope_spans);
            self.came.send(scopes.map(|scope| scope.spans.len()).sum()).unwrap();
            let unwanted = self.go.lock().unwrap().recv().unwrap_or(Ok(0));
            unwanted.map(|spans| Unwanted { spans, why: "too old".to_owned() })
        }
    }

    struct Running {
        provider: SdkTracerProvider,
        worker: JoinHandle<()>,
        came: Receiver<usize>,
        go: SyncSender<Result<u64, String>>,
        loss: Arc<Loss>,
    }

    fn running() -> Running {
        running_with(LIMITS)
    }

    fn running_with(limits: QueueLimits) -> Running {
        let (tell, came) = channel();
        let (go, may) = sync_channel(100);
        let (loss, redactor) = (Loss::of(Signal::Traces), Arc::new(Redactor::new(true, &[])));
        let (queue, exit) = queue(limits, SpanLimits::default(), Arc::clone(&redactor), Arc::clone(&loss));
        let sender = Slow { came: tell, go: Mutex::new(may) };
        let worker = Worker { queue: exit, delay: limits.delay, sender, redactor, loss: Arc::clone(&loss) };
        let worker = thread::spawn(move || worker.run(&Resource::builder_empty().build()));
        Running { provider: SdkTracerProvider::builder().with_span_processor(queue).build(), worker, came, go, loss }
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
        running.go.send(Ok(0)).unwrap();
        running.spans(1);
        running.go.send(Ok(0)).unwrap();
        running.provider.force_flush().unwrap();
        assert_eq!(running.came.try_recv(), Ok(1));
        running.spans(1);
        running.go.send(Ok(0)).unwrap();
        running.provider.shutdown().unwrap();
        assert_eq!(running.came.try_recv(), Ok(1), "the last one leaves before the end");
        assert_eq!(running.loss.lost(), 0);
    }

    #[test]
    fn what_does_not_fit_is_counted_and_nobody_waits() {
        let running = running();
        running.spans(2);
        assert_eq!(running.came.recv(), Ok(2));
        // The exporter hangs now: four wait, and the rest is lost.
        running.spans(10);
        assert_eq!(running.loss.lost(), 6);
        let ended = running.provider.shutdown_with_timeout(Duration::from_millis(1));
        assert!(ended.is_err(), "the end does not wait for it either");
    }

    #[test]
    fn what_is_not_taken_is_counted() {
        let running = running();
        let refused = |lost| {
            running.go.send(Err("no".to_owned())).unwrap();
            running.spans(2);
            running.provider.force_flush().unwrap();
            assert_eq!(running.loss.lost(), lost);
        };
        refused(2);
        refused(4);
    }

    #[test]
    fn a_collector_that_is_slow_gets_everything_before_the_end_however_many_batches_wait() {
        let running = running_with(QueueLimits { spans: 100, ..LIMITS });
        running.spans(2);
        assert_eq!(running.came.recv(), Ok(2));
        running.spans(60);
        (0..31).for_each(|_| running.go.send(Ok(0)).unwrap());
        running.provider.shutdown_with_timeout(Duration::from_mins(1)).unwrap();
        assert_eq!(running.came.try_iter().sum::<usize>(), 60);
        assert_eq!(running.loss.lost(), 0);
    }

    #[test]
    fn what_is_given_up_at_the_end_is_counted_once_with_what_is_on_its_way() {
        let running = running();
        running.spans(2);
        assert_eq!(running.came.recv(), Ok(2));
        running.spans(3);
        running.provider.shutdown_with_timeout(Duration::from_millis(1)).unwrap_err();
        assert_eq!(running.loss.lost(), 5, "two are on their way, three wait");
        running.go.send(Err("no".to_owned())).unwrap();
        drop(running.go);
        running.worker.join().unwrap();
        assert_eq!(running.loss.lost(), 5);
    }

    #[test]
    fn what_a_collector_does_not_want_is_counted() {
        let running = running();
        running.go.send(Ok(1)).unwrap();
        running.spans(2);
        running.provider.force_flush().unwrap();
        assert_eq!(running.loss.lost(), 1);
    }
}
