//! The outbox of a call: what it sends before its answer.

use std::collections::VecDeque;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll};

use bytes::Bytes;
use futures_util::task::AtomicWaker;

/// How many hints may wait for a slow reader.
const MOST: usize = 256;
/// How many bytes may wait before further hints are lost.
const MOST_BYTES: usize = 256 * 1024;

/// Messages that wait to be sent, oldest first; bounded, for a slow reader must not hold memory.
#[derive(Debug, Default)]
pub(crate) struct Outbox {
    waiting: Mutex<Messages>,
    waker: AtomicWaker,
    /// Whether the call lets its client's connection go.
    released: AtomicBool,
}

#[derive(Debug, Default)]
struct Messages {
    messages: VecDeque<Bytes>,
    bytes: usize,
}

impl Messages {
    fn push(&mut self, message: Bytes) {
        self.bytes += message.len();
        self.messages.push_back(message);
    }

    fn pop(&mut self) -> Option<Bytes> {
        let message = self.messages.pop_front()?;
        self.bytes -= message.len();
        Some(message)
    }
}

impl Outbox {
    /// Adds a message that may be lost to a slow reader: a hint such as progress or a log line.
    pub(crate) fn push_hint(&self, message: Bytes) {
        if let Ok(mut waiting) = self.waiting.lock()
            && waiting.messages.len() < MOST
            && waiting.bytes + message.len() <= MOST_BYTES
        {
            waiting.push(message);
        }
        self.waker.wake();
    }

    /// Adds a message that must arrive: a request to the client.
    pub(crate) fn push(&self, message: Bytes) {
        if let Ok(mut waiting) = self.waiting.lock() {
            waiting.push(message);
        }
        self.waker.wake();
    }

    /// Has the call looked at again: something changed that is no message.
    pub(crate) fn wake(&self) {
        self.waker.wake();
    }

    /// Lets the connection of the client go while the call goes on.
    pub(crate) fn release(&self) {
        self.released.store(true, Ordering::Release);
        self.waker.wake();
    }

    /// Whether the connection is to be let go; says so once.
    pub(crate) fn take_release(&self) -> bool {
        self.released.load(Ordering::Acquire) && self.released.swap(false, Ordering::AcqRel)
    }

    /// Takes the next message, or leaves a waker for it.
    pub(crate) fn poll_next(&self, cx: &mut Context<'_>) -> Poll<Bytes> {
        if let Some(message) = self.pop() {
            return Poll::Ready(message);
        }
        self.waker.register(cx.waker());
        self.pop().map_or(Poll::Pending, Poll::Ready)
    }

    /// Removes the messages that have not been sent.
    pub(crate) fn clear(&self) {
        if let Ok(mut waiting) = self.waiting.lock() {
            *waiting = Messages::default();
        }
    }

    /// Takes the next message if there is one.
    pub(crate) fn pop(&self) -> Option<Bytes> {
        self.waiting.lock().ok()?.pop()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hints_are_bounded_in_bytes_and_a_question_is_never_lost() {
        let outbox = Outbox::default();
        for _ in 0..100 {
            outbox.push_hint(Bytes::from(vec![b'x'; 10_000]));
        }
        outbox.push(Bytes::from_static(b"question"));
        let waiting: Vec<Bytes> = std::iter::from_fn(|| outbox.pop()).collect();
        assert_eq!((waiting.len(), &waiting[26][..]), (27, &b"question"[..]));
        outbox.push_hint(Bytes::from_static(b"again"));
        assert!(outbox.pop().is_some());
    }
}
