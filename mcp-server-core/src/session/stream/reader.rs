//! The reading end of a stream: from any place of it, while it is written or after.

use std::collections::VecDeque;
use std::sync::Arc;

use bytes::Bytes;
use serde_json::json;
use thiserror::Error;

use super::entry::Kind;
use crate::protocol::error::code;
use crate::protocol::{RequestId, RpcError, write};
use crate::session::channel::Channel;
use crate::session::token::{EventId, Token};
use crate::store::{LogEntry, Offset, Store, StoreError};

/// How many entries one read takes.
const BATCH: usize = 64;

/// One event as it goes out.
#[derive(Debug)]
pub(crate) struct Delivery {
    /// Its id; without one it cannot be resumed from.
    pub(crate) id: Option<EventId>,
    /// The message; `None` for the event that only tells the client where the stream begins.
    pub(crate) message: Option<Bytes>,
}

/// Why a stream cannot be read on.
#[derive(Debug, Error)]
pub(crate) enum StreamError {
    /// There is no such stream, or what comes after the given event is no longer kept.
    #[error("the events after this one are not kept any more, or there never was such an event")]
    Gone,
    /// The store.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Reads the events of a stream after one of them.
#[derive(Debug)]
pub(crate) struct StreamReader {
    store: Store,
    token: Token,
    log: String,
    after: Offset,
    waiting: VecDeque<LogEntry>,
    channel: Option<Arc<Channel>>,
    number: u64,
    done: bool,
}

impl StreamReader {
    pub(super) fn new(store: Store, token: Token, log: String, after: Offset, channel: Option<Arc<Channel>>) -> Self {
        let number = channel.as_ref().map_or(0, |channel| channel.enter());
        Self { store, token, log, after, waiting: VecDeque::new(), channel, number, done: false }
    }

    /// Resumes a stream after an event.
    ///
    /// # Errors
    /// [`StreamError::Gone`] if nothing is known of the event, or not all that came after it.
    pub(in crate::session) async fn resume(
        store: &Store,
        session: &str,
        id: EventId,
        channel: Option<Arc<Channel>>,
    ) -> Result<Self, StreamError> {
        let log = id.token.log(session);
        let slice = store.read(&log, id.offset, BATCH).await?;
        if slice.lost {
            return Err(StreamError::Gone);
        }
        let mut reader = Self::new(store.clone(), id.token, log, id.offset, channel);
        reader.waiting = slice.entries.into();
        Ok(reader)
    }

    /// The next event; `None` when the stream has ended, or another connection reads it now.
    ///
    /// A reader too slow for its stream misses what had to be trimmed, but not the answer. Dropping the future loses
    /// nothing.
    ///
    /// # Errors
    /// What the store says; the stream cannot be read on then.
    pub(crate) async fn next(&mut self) -> Result<Option<Delivery>, StoreError> {
        loop {
            if self.done || self.is_superseded() {
                return Ok(None);
            }
            if let Some(entry) = self.waiting.pop_front() {
                self.after = entry.offset;
                match self.deliver(&entry) {
                    Some(delivery) => return Ok(Some(delivery)),
                    None => continue,
                }
            }
            let Some(channel) = self.channel.clone() else { return self.without_writer().await };
            let mut changed = std::pin::pin!(channel.changed.notified());
            changed.as_mut().enable();
            let ended = channel.has_ended();
            self.fill().await?;
            if !self.waiting.is_empty() {
                continue;
            }
            if ended {
                self.done = true;
                return Ok(channel.take_unlogged().map(|message| Delivery { id: None, message: Some(message) }));
            }
            if channel.is_released() {
                self.done = true;
            } else if !self.is_superseded() {
                changed.await;
            }
        }
    }

    /// All events that are there now, without waiting for more.
    ///
    /// # Errors
    /// What the store says.
    pub(crate) async fn rest(mut self) -> Result<Vec<Delivery>, StoreError> {
        let mut rest = Vec::new();
        loop {
            while let Some(entry) = self.waiting.pop_front() {
                self.after = entry.offset;
                rest.extend(self.deliver(&entry));
            }
            self.fill().await?;
            if self.waiting.is_empty() {
                return Ok(rest);
            }
        }
    }

    async fn fill(&mut self) -> Result<(), StoreError> {
        let slice = self.store.read(&self.log, self.after, BATCH).await?;
        if slice.lost {
            tracing::debug!("a stream was trimmed before its reader came so far");
        }
        self.waiting = slice.entries.into();
        Ok(())
    }

    fn deliver(&mut self, entry: &LogEntry) -> Option<Delivery> {
        let id = Some(EventId { token: self.token, offset: entry.offset });
        match Kind::read(&entry.data)? {
            (Kind::Opening, _) => Some(Delivery { id, message: None }),
            (Kind::Message, message) => Some(Delivery { id, message: Some(message) }),
            (Kind::Last, message) => {
                self.done = true;
                Some(Delivery { id, message: Some(message) })
            }
            (Kind::End, _) => {
                self.done = true;
                None
            }
        }
    }

    fn is_superseded(&self) -> bool {
        self.channel.as_ref().is_some_and(|channel| !channel.is_read_by(self.number))
    }

    /// Nobody writes the stream and it has no end: the process that ran the call is gone, and the client is told so.
    async fn without_writer(&mut self) -> Result<Option<Delivery>, StoreError> {
        self.fill().await?;
        if !self.waiting.is_empty() {
            // The end came between the two reads.
            return Box::pin(self.next()).await;
        }
        self.done = true;
        let slice = self.store.read(&self.log, Offset::START, 1).await?;
        let opening = slice.entries.first().and_then(|entry| Kind::read(&entry.data));
        let request = match opening {
            Some((Kind::Opening, request)) => RequestId::from_json(&request),
            _ => None,
        };
        let message = request.map(|request| write::error(Some(&request), &worker_lost()));
        Ok(message.map(|message| Delivery { id: None, message: Some(message) }))
    }
}

fn worker_lost() -> RpcError {
    RpcError::new(code::UNAVAILABLE, "the process that ran this call is gone: what it had done is not known; ask again")
        .with_data(json!({ "kind": "worker_lost", "retryable": true }))
}
