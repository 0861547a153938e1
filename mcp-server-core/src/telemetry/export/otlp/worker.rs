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
    /// Sends an `ExportTraceServiceRequest`; gives out how many of its spans the collector did not want.
    ///
    /// # Errors
    /// Why it was not taken.
    fn send(&self, body: Vec<u8>) -> Result<u64, String>;
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
        let lost = sent.as_ref().map_or(many, |unwanted| *unwanted);
        if lost > 0 {
            self.loss.add(Reason::ExportFailed, lost);
        }
        match &sent {
            Ok(0) => self.loss.tell("more spans than can be exported"),
            Ok(_) => self.loss.tell("the collector did not want them"),
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
        let left = self.queue.waiting().len();
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
    use std::thread;

    use opentelemetry::trace::{Tracer as _, TracerProvider as _};
    use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
    use opentelemetry_sdk::trace::SdkTracerProvider;
    use prost::Message as _;

    use super::*;
    use crate::telemetry::export::otlp::queue::queue;
    use crate::telemetry::export::variables::Signal;
    use crate::telemetry::export::wanted::{QueueLimits, SpanLimits};

    const LIMITS: QueueLimits = QueueLimits { spans: 4, batch: 2, delay: Duration::from_hours(1) };

    /// Tells how many spans came, and waits until it may go on.
    #[derive(Debug)]
    struct Slow {
        came: Sender<usize>,
        go: Mutex<Receiver<Result<u64, String>>>,
    }

    impl Sends for Slow {
        fn send(&self, body: Vec<u8>) -> Result<u64, String> {
            let request = ExportTraceServiceRequest::decode(&body[..]).unwrap();
            let scopes = request.resource_spans.iter().flat_map(|spans| &spans.scope_spans);
            self.came.send(scopes.map(|scope| scope.spans.len()).sum()).unwrap();
            self.go.lock().unwrap().recv().unwrap_or(Ok(0))
        }
    }

    struct Running {
        provider: SdkTracerProvider,
        came: Receiver<usize>,
        go: SyncSender<Result<u64, String>>,
        loss: Arc<Loss>,
    }

    fn running() -> Running {
        let (tell, came) = channel();
        let (go, may) = sync_channel(100);
        let (loss, redactor) = (Loss::of(Signal::Traces), Arc::new(Redactor::new(true, &[])));
        let (queue, exit) = queue(LIMITS, SpanLimits::default(), Arc::clone(&redactor), Arc::clone(&loss));
        let sender = Slow { came: tell, go: Mutex::new(may) };
        let worker = Worker { queue: exit, delay: LIMITS.delay, sender, redactor, loss: Arc::clone(&loss) };
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
        running.go.send(Ok(0)).unwrap();
        running.spans(1);
        running.go.send(Ok(0)).unwrap();
        running.provider.force_flush().unwrap();
        assert_eq!(running.came.try_recv(), Ok(1));
        running.spans(1);
        running.go.send(Ok(0)).unwrap();
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
            running.go.send(Err("no".to_owned())).unwrap();
            running.spans(2);
            running.provider.force_flush().unwrap();
            assert_eq!(running.loss.untold(), untold);
        };
        // The first loss is told in the log, which is then silent for a minute.
        refused(0);
        refused(2);
        refused(4);
    }

    #[test]
    fn what_a_collector_does_not_want_is_counted() {
        let running = running();
        running.loss.tell("the log is silent from now on");
        running.go.send(Err("no".to_owned())).unwrap();
        running.spans(1);
        running.provider.force_flush().unwrap_err();
        running.go.send(Ok(1)).unwrap();
        running.spans(2);
        running.provider.force_flush().unwrap();
        assert_eq!(running.loss.untold(), 1);
    }
}
