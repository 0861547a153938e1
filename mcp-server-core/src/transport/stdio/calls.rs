//! The calls that run at one moment on the pipe.

use std::collections::HashMap;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll};

use bytes::Bytes;
use futures_util::stream::{SelectAll, Stream, StreamExt as _};
use futures_util::task::AtomicWaker;

use crate::dispatch::{Event, Exchange};
use crate::protocol::RequestId;
use crate::telemetry::CallRecord;

/// Which call: the eras number theirs apart.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Key {
    pub(super) modern: bool,
    pub(super) id: RequestId,
}

/// Calls that run, by their key.
#[derive(Debug, Default)]
pub(super) struct Calls {
    running: SelectAll<Call>,
    cancels: HashMap<Key, Arc<Cancel>>,
}

/// What a call gives out.
#[derive(Debug)]
pub(super) struct Output {
    pub(super) bytes: Bytes,
    /// Its record, if this was the last: it ends when the bytes have left.
    pub(super) record: Option<CallRecord>,
    over: Option<Key>,
}

#[derive(Debug, Default)]
struct Cancel {
    given_up: AtomicBool,
    waker: AtomicWaker,
}

#[derive(Debug)]
struct Call {
    exchange: Option<Exchange>,
    /// What is left to send of a call that was given up.
    withdrawn: Vec<Bytes>,
    key: Key,
    cancel: Arc<Cancel>,
}

impl Calls {
    /// Whether a call of this key runs.
    pub(super) fn has(&self, key: &Key) -> bool {
        self.cancels.contains_key(key)
    }

    /// How many run.
    pub(super) fn len(&self) -> usize {
        self.cancels.len()
    }

    /// Goes on with a call that is not done yet.
    pub(super) fn add(&mut self, key: Key, exchange: Exchange) {
        let cancel = Arc::<Cancel>::default();
        self.cancels.insert(key.clone(), Arc::clone(&cancel));
        self.running.push(Call { exchange: Some(exchange), withdrawn: Vec::new(), key, cancel });
    }

    /// Gives a call up: it is dropped, and only the withdrawal of its own requests is sent. One that is not there is
    /// passed over.
    pub(super) fn cancel(&mut self, key: &Key) {
        if let Some(cancel) = self.cancels.remove(key) {
            cancel.given_up.store(true, Ordering::Release);
            cancel.waker.wake();
        }
    }

    /// The next thing that a call gives out; pending as well when none runs.
    pub(super) fn poll_output(&mut self, cx: &mut Context<'_>) -> Poll<Output> {
        if self.running.is_empty() {
            return Poll::Pending;
        }
        match self.running.poll_next_unpin(cx) {
            Poll::Ready(Some(output)) => {
                if let Some(key) = &output.over {
                    self.cancels.remove(key);
                }
                Poll::Ready(output)
            }
            _ => Poll::Pending,
        }
    }
}

impl Stream for Call {
    type Item = Output;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Output>> {
        self.cancel.waker.register(cx.waker());
        if self.cancel.given_up.load(Ordering::Acquire) {
            if let Some(exchange) = self.exchange.take() {
                self.withdrawn = exchange.cancel();
            }
            return Poll::Ready(self.withdrawn.pop().map(|bytes| Output { bytes, record: None, over: None }));
        }
        let Some(exchange) = &mut self.exchange else { return Poll::Ready(None) };
        exchange.poll_event(cx).map(|event| match event {
            Event::Message(bytes) => Some(Output { bytes, record: None, over: None }),
            Event::Done(answer) => {
                self.exchange = None;
                Some(Output { bytes: answer.bytes, record: Some(answer.record), over: Some(self.key.clone()) })
            }
        })
    }
}
