//! The events of a modern call that still runs, as a body.
//!
//! The stream itself polls the call, so that a client that goes away drops it, and with it the call (basic/utilities,
//! Cancellation of 2026-07-28).

use std::future::Future as _;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use tokio::time::{Instant, Sleep};

use super::sse;
use crate::dispatch::{Event, Exchange};

/// How many bytes of events that are ready at once go out in one piece.
const PIECE: usize = 16 * 1024;

/// The events of a call that still runs.
#[derive(Debug)]
pub(crate) struct Stream {
    exchange: Option<Exchange>,
    first: Option<Bytes>,
    keep_alive: Duration,
    quiet: Pin<Box<Sleep>>,
}

impl Stream {
    pub(super) fn new(exchange: Exchange, first: Option<Bytes>, keep_alive: Duration) -> Self {
        Self { exchange: Some(exchange), first, keep_alive, quiet: Box::pin(tokio::time::sleep(keep_alive)) }
    }

    /// The next piece; `None` after the answer.
    pub(super) fn poll_bytes(&mut self, cx: &mut Context<'_>) -> Poll<Option<Bytes>> {
        let mut piece = Vec::new();
        if let Some(first) = self.first.take() {
            sse::message(&mut piece, None, &first);
        }
        while let Some(exchange) = &mut self.exchange
            && piece.len() < PIECE
        {
            match exchange.poll_event(cx) {
                Poll::Ready(Event::Message(message)) => sse::message(&mut piece, None, &message),
                Poll::Ready(Event::Done(answer)) => {
                    sse::message(&mut piece, None, &answer.bytes);
                    self.exchange = None;
                }
                Poll::Pending => break,
            }
        }
        if !piece.is_empty() {
            self.quiet.as_mut().reset(Instant::now() + self.keep_alive);
            return Poll::Ready(Some(Bytes::from(piece)));
        }
        if self.exchange.is_none() {
            return Poll::Ready(None);
        }
        if self.quiet.as_mut().poll(cx).is_ready() {
            self.quiet.as_mut().reset(Instant::now() + self.keep_alive);
            return Poll::Ready(Some(Bytes::from_static(sse::KEEP_ALIVE)));
        }
        Poll::Pending
    }
}
