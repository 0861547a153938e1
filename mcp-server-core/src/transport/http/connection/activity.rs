//! What happens on a connection now, as its socket, its requests and its supervisor share it.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, AtomicU64, Ordering};
use std::time::Duration;

use futures_util::task::AtomicWaker;
use http::Version;
use tokio::time::Instant;

/// What happens on a connection now.
///
/// The fields are independent facts: none of them guards memory, so relaxed operations are enough. Whoever changes one
/// from another task wakes the connection, and waking orders what was written before it.
#[derive(Debug)]
pub(crate) struct Activity {
    accepted: Instant,
    /// Whether a whole request head has arrived.
    has_asked: AtomicBool,
    /// How many requests began.
    begun: AtomicU32,
    /// Requests whose response has not been handed over whole.
    running: AtomicU32,
    /// Requests whose body has not arrived whole.
    receiving: AtomicU32,
    /// Whether the body of the HTTP/1 request was not read to its end.
    is_unread: AtomicBool,
    /// Whether bytes of a next head have arrived while no request is running.
    is_head_begun: AtomicBool,
    /// When the connection last became what it is now, in milliseconds after it was accepted.
    since: AtomicU64,
    /// Whether the requests are of HTTP/2, so that several run at once, in tasks of their own.
    is_http2: AtomicBool,
    /// Whether interim responses may be sent: not to HTTP/1.0 (RFC 9110 section 15.2).
    may_send_interim: AtomicBool,
    /// Whether the response to the running HTTP/1 request has begun.
    is_responding: AtomicBool,
    /// Whether the client has sent its last byte, and waits for an answer.
    is_half_closed: AtomicBool,
    /// Whether the client should be sent something, to find out whether it is still there.
    wants_probe: AtomicBool,
    /// Whether an interim response may be what is sent.
    wants_interim: AtomicBool,
    /// Whether the socket reads and drops what a refused client still sends.
    is_lingering: AtomicBool,
    /// Whether another connection needs the place.
    is_evicted: AtomicBool,
    waker: AtomicWaker,
}

/// How far a connection is from doing work; the lower ones give their place up first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Idleness {
    /// It is about to be closed.
    Closing,
    /// Nothing was ever asked on it.
    NeverAsked,
    /// It waits for the next request.
    Between,
    /// It waits for the rest of a body.
    Receiving,
}

impl Activity {
    pub(super) fn new() -> Arc<Self> {
        Arc::new(Self {
            accepted: Instant::now(),
            has_asked: AtomicBool::new(false),
            begun: AtomicU32::new(0),
            running: AtomicU32::new(0),
            receiving: AtomicU32::new(0),
            is_unread: AtomicBool::new(false),
            is_head_begun: AtomicBool::new(false),
            since: AtomicU64::new(0),
            is_http2: AtomicBool::new(false),
            may_send_interim: AtomicBool::new(false),
            is_responding: AtomicBool::new(false),
            is_half_closed: AtomicBool::new(false),
            wants_probe: AtomicBool::new(false),
            wants_interim: AtomicBool::new(false),
            is_lingering: AtomicBool::new(false),
            is_evicted: AtomicBool::new(false),
            waker: AtomicWaker::new(),
        })
    }

    /// When the connection was accepted.
    pub(super) fn accepted(&self) -> Instant {
        self.accepted
    }

    /// A whole head has arrived, and a handler begins.
    pub(super) fn begin(self: &Arc<Self>, version: Version) -> Running {
        if !self.has_asked.load(Ordering::Relaxed) {
            self.has_asked.store(true, Ordering::Relaxed);
            self.is_http2.store(version == Version::HTTP_2, Ordering::Relaxed);
        }
        self.may_send_interim.store(version == Version::HTTP_11, Ordering::Relaxed);
        self.is_responding.store(false, Ordering::Relaxed);
        self.is_unread.store(false, Ordering::Relaxed);
        self.is_head_begun.store(false, Ordering::Relaxed);
        self.begun.fetch_add(1, Ordering::Relaxed);
        self.running.fetch_add(1, Ordering::Relaxed);
        Running(Arc::clone(self))
    }

    /// A body has begun to arrive.
    pub(super) fn receive(self: &Arc<Self>) -> Receiving {
        self.receiving.fetch_add(1, Ordering::Relaxed);
        if !self.is_http2() {
            self.is_unread.store(true, Ordering::Relaxed);
        }
        Receiving(Arc::clone(self))
    }

    /// Whether the client may still send a body that nobody reads.
    pub(super) fn is_unread(&self) -> bool {
        self.is_unread.load(Ordering::Relaxed)
    }

    pub(super) fn has_asked(&self) -> bool {
        self.has_asked.load(Ordering::Relaxed)
    }

    /// How many requests began, for whoever wants to see that it is another one.
    pub(super) fn begun(&self) -> u32 {
        self.begun.load(Ordering::Relaxed)
    }

    pub(super) fn is_running(&self) -> bool {
        self.running.load(Ordering::Relaxed) > 0
    }

    pub(super) fn is_receiving(&self) -> bool {
        self.receiving.load(Ordering::Relaxed) > 0
    }

    pub(super) fn is_http2(&self) -> bool {
        self.is_http2.load(Ordering::Relaxed)
    }

    /// Bytes have arrived.
    pub(super) fn arrived(&self) {
        if !self.is_running() && !self.is_head_begun.load(Ordering::Relaxed) {
            self.is_head_begun.store(true, Ordering::Relaxed);
        }
    }

    pub(super) fn is_head_begun(&self) -> bool {
        self.is_head_begun.load(Ordering::Relaxed)
    }

    /// Notes when the connection became what it is now.
    pub(super) fn set_since(&self, now: Instant) {
        let millis = now.saturating_duration_since(self.accepted).as_millis();
        self.since.store(u64::try_from(millis).unwrap_or(u64::MAX), Ordering::Relaxed);
    }

    /// When the connection became what it is now.
    pub(super) fn since(&self) -> Instant {
        self.accepted + Duration::from_millis(self.since.load(Ordering::Relaxed))
    }

    /// How idle the connection is; `None` while it does work.
    pub(super) fn idleness(&self) -> Option<Idleness> {
        if self.is_lingering() {
            Some(Idleness::Closing)
        } else if self.is_running() {
            self.is_receiving().then_some(Idleness::Receiving)
        } else if self.has_asked() {
            Some(Idleness::Between)
        } else {
            Some(Idleness::NeverAsked)
        }
    }

    /// The handler has answered.
    pub(super) fn respond(&self) {
        self.is_responding.store(true, Ordering::Relaxed);
    }

    /// Whether the handler of the running HTTP/1 request has answered.
    pub(super) fn is_responding(&self) -> bool {
        self.is_responding.load(Ordering::Relaxed)
    }

    /// Whether an interim response should be sent now. Whoever asks does it.
    pub(super) fn take_interim(&self) -> bool {
        self.wants_interim.load(Ordering::Relaxed)
            && self.may_send_interim.load(Ordering::Relaxed)
            && self.is_running()
            && !self.is_responding.load(Ordering::Relaxed)
            && self.take_probe()
    }

    /// The client has sent its last byte.
    pub(super) fn half_close(&self) {
        self.is_half_closed.store(true, Ordering::Relaxed);
    }

    /// Whether the client has sent its last byte. It may wait for the answer (RFC 9112 section 9.6), or be gone: only
    /// writing to it tells.
    pub(super) fn is_half_closed(&self) -> bool {
        self.is_half_closed.load(Ordering::Relaxed)
    }

    /// Asks for something to be sent to a client that may be gone: a comment on a stream of events, or after a while an
    /// interim response.
    pub(super) fn want_probe(&self, may_be_interim: bool) {
        self.wants_probe.store(true, Ordering::Relaxed);
        self.wants_interim.store(may_be_interim, Ordering::Relaxed);
    }

    /// Whether something should be sent to a client that has closed its side.
    pub(crate) fn wants_probe(&self) -> bool {
        self.wants_probe.load(Ordering::Relaxed)
    }

    /// Whether something should be sent now. Whoever asks does it.
    pub(super) fn take_probe(&self) -> bool {
        self.wants_probe.load(Ordering::Relaxed) && self.wants_probe.swap(false, Ordering::Relaxed)
    }

    pub(super) fn set_lingering(&self) {
        self.is_lingering.store(true, Ordering::Relaxed);
    }

    pub(super) fn is_lingering(&self) -> bool {
        self.is_lingering.load(Ordering::Relaxed)
    }

    /// Makes the connection give its place up.
    pub(super) fn evict(&self) {
        self.is_evicted.store(true, Ordering::Release);
        self.waker.wake();
    }

    pub(super) fn is_evicted(&self) -> bool {
        self.is_evicted.load(Ordering::Acquire)
    }

    pub(super) fn waker(&self) -> &AtomicWaker {
        &self.waker
    }
}

/// That a request is running.
#[derive(Debug)]
pub(super) struct Running(Arc<Activity>);

impl Running {
    pub(super) fn activity(&self) -> &Activity {
        &self.0
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let before = self.0.running.fetch_sub(1, Ordering::Release);
        // HTTP/1 drops it while the connection is being polled; a stream of HTTP/2 is a task of its own.
        if before == 1 && self.0.is_http2() {
            self.0.waker.wake();
        }
    }
}

/// That a body is arriving. Dropped without [`finish`](Self::finish), the body was given up.
#[derive(Debug)]
pub(super) struct Receiving(Arc<Activity>);

impl Receiving {
    /// The body has arrived whole.
    pub(super) fn finish(self) {
        self.0.is_unread.store(false, Ordering::Relaxed);
    }
}

impl Drop for Receiving {
    fn drop(&mut self) {
        self.0.receiving.fetch_sub(1, Ordering::Relaxed);
    }
}
