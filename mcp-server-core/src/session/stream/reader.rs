//! The reading end of a stream: from any place of it, while it is written, here or elsewhere, or after.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use thiserror::Error;

use super::entry::{Entry, Kind, Origin};
use super::far::Far;
use super::lost;
use crate::protocol::{RequestId, write};
use crate::session::channel::Channel;
use crate::session::token::{EventId, Token};
use crate::store::{Keep, LogEntry, Offset, Store, StoreError};

/// How many entries one read takes.
const BATCH: usize = 64;
/// How long it waits before a store is read again that did not answer.
const AGAIN: Duration = Duration::from_millis(250);

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
    origin: Option<Origin>,
    /// The number of the last entry that was read.
    number: u64,
    source: Source,
    done: bool,
}

/// Who writes the stream.
#[derive(Debug)]
enum Source {
    /// This process; the number is that of the reader.
    Here(Arc<Channel>, u64),
    /// Another replica.
    Elsewhere(Far),
    /// Nobody any more. What is written into the log then is kept so far.
    Nobody(Keep),
}

impl StreamReader {
    /// The reader of a stream that was just opened. It has the first entry in hand, so that the head of a response never
    /// leaves without the event that a client resumes from.
    pub(super) fn first(store: &Store, token: Token, log: String, channel: &Arc<Channel>, opening: LogEntry) -> Self {
        let source = Source::Here(Arc::clone(channel), channel.enter());
        let (store, waiting) = (store.clone(), VecDeque::from([opening]));
        Self { store, token, log, after: Offset::START, waiting, origin: None, number: 0, source, done: false }
    }

    /// Finds an event of a stream; what is read comes after it. Nobody is taken to write it.
    ///
    /// # Errors
    /// [`StreamError::Gone`] if nothing is known of the event, or not all that came after it.
    pub(in crate::session) async fn find(
        store: &Store,
        session: &str,
        id: EventId,
        keep: Keep,
    ) -> Result<Self, StreamError> {
        let log = id.token.log(session);
        let before = Offset::from_u64(id.offset.as_u64().saturating_sub(1));
        let mut slice = store.read(&log, before, BATCH).await?;
        let mut event = None;
        if slice.lost {
            // The event itself may be what is kept no more.
            slice = store.read(&log, id.offset, BATCH).await?;
            if slice.lost {
                return Err(StreamError::Gone);
            }
        } else {
            let is_first = slice.entries.first().is_some_and(|entry| entry.offset == id.offset);
            if !is_first {
                return Err(StreamError::Gone);
            }
            event = Entry::read(&slice.entries.remove(0).data);
        }
        let done = event.as_ref().is_some_and(|event| event.kind.is_end());
        let number = event.as_ref().map_or(0, |event| event.number);
        let origin = event.map(|event| event.origin);
        let (store, waiting, source) = (store.clone(), slice.entries.into(), Source::Nobody(keep));
        Ok(Self { store, token: id.token, log, after: id.offset, waiting, origin, number, source, done })
    }

    /// Whether all of it was read already.
    pub(crate) fn is_done(&self) -> bool {
        self.done
    }

    /// The replica that writes the stream, as far as it was read.
    pub(in crate::session) fn worker(&self) -> Option<&str> {
        self.origin.as_ref().map(|origin| &*origin.worker)
    }

    /// This process writes the stream.
    pub(in crate::session) fn here(mut self, channel: &Arc<Channel>) -> Self {
        self.source = Source::Here(Arc::clone(channel), channel.enter());
        self
    }

    /// Another replica writes the stream.
    pub(in crate::session) fn elsewhere(mut self, far: Far) -> Self {
        self.source = Source::Elsewhere(far);
        self
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
            match &self.source {
                Source::Here(channel, number) => {
                    let (channel, number) = (Arc::clone(channel), *number);
                    if let Some(unlogged) = self.wait_here(&channel, number).await? {
                        return Ok(Some(unlogged));
                    }
                }
                Source::Elsewhere(_) => self.wait_elsewhere().await?,
                Source::Nobody(keep) => {
                    let keep = *keep;
                    if let Some(last) = self.conclude(keep).await? {
                        return Ok(Some(last));
                    }
                }
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

    /// Reads what there is; says whether the stream is still kept.
    async fn fill(&mut self) -> Result<bool, StoreError> {
        let slice = self.store.read(&self.log, self.after, BATCH).await?;
        if slice.lost {
            tracing::debug!("a stream was trimmed before its reader came so far");
        }
        let kept = !(slice.lost && slice.entries.is_empty());
        self.waiting = slice.entries.into();
        Ok(kept)
    }

    async fn wait_here(&mut self, channel: &Channel, number: u64) -> Result<Option<Delivery>, StoreError> {
        let mut changed = std::pin::pin!(channel.changed.notified());
        changed.as_mut().enable();
        let ended = channel.has_ended();
        if let Err(error) = self.fill().await {
            if channel.has_ended() {
                // The store is away, and the answer is here all the same.
                let unlogged = channel.take_unlogged().ok_or(error)?;
                self.done = true;
                return Ok(Some(Delivery { id: None, message: Some(unlogged) }));
            }
            // The call goes on without the store, and its connection with it.
            self.done = channel.is_released();
            if !self.done && channel.is_read_by(number) {
                drop(tokio::time::timeout(AGAIN, changed).await);
            }
            return Ok(None);
        }
        if !self.waiting.is_empty() {
            return Ok(None);
        }
        if ended {
            self.done = true;
            return Ok(channel.take_unlogged().map(|message| Delivery { id: None, message: Some(message) }));
        }
        if channel.is_released() {
            self.done = true;
        } else if channel.is_read_by(number) {
            changed.await;
        }
        Ok(None)
    }

    async fn wait_elsewhere(&mut self) -> Result<(), StoreError> {
        let kept = self.fill().await?;
        if !self.waiting.is_empty() {
            return Ok(());
        }
        let worker = self.origin.as_ref().map(|origin| origin.worker.clone());
        let Source::Elsewhere(far) = &mut self.source else { return Ok(()) };
        if far.is_over() {
            self.done = true;
        } else if !kept || far.wait(worker.as_deref()).await {
            self.source = Source::Nobody(far.keep());
        }
        Ok(())
    }

    /// Nobody writes the stream. If it has no end yet, it gets one: the client is told that the process which ran the
    /// call is gone. Should another end come in between, the first one in the log is the one that counts.
    async fn conclude(&mut self, keep: Keep) -> Result<Option<Delivery>, StoreError> {
        let kept = self.fill().await?;
        if !self.waiting.is_empty() {
            return Ok(None);
        }
        let mut request = self.origin.as_ref().and_then(|origin| origin.request.clone());
        if request.is_none() {
            request = self.opened_for().await?;
        }
        let message = write::error(request.as_ref(), &lost::worker());
        if !kept {
            self.done = true;
            return Ok(Some(Delivery { id: None, message: Some(message) }));
        }
        let origin = self.origin.clone().unwrap_or_else(|| Origin { worker: "".into(), request });
        self.store.append(&self.log, Kind::Last.entry(0, &origin, &message), keep).await?;
        Ok(None)
    }

    /// The request that the first entry names, if that is still there.
    async fn opened_for(&self) -> Result<Option<RequestId>, StoreError> {
        let slice = self.store.read(&self.log, Offset::START, 1).await?;
        let opening = slice.entries.first().and_then(|entry| Entry::read(&entry.data));
        Ok(opening.filter(|entry| entry.kind == Kind::Opening).and_then(|entry| RequestId::from_json(&entry.data)))
    }

    fn deliver(&mut self, entry: &LogEntry) -> Option<Delivery> {
        let id = Some(EventId { token: self.token, offset: entry.offset });
        let Entry { kind, number, origin, data } = Entry::read(&entry.data)?;
        if number != 0 && number <= self.number {
            // Written twice, because the first time was not confirmed.
            return None;
        }
        self.number = number;
        self.origin = Some(origin);
        self.done = kind.is_end();
        match kind {
            Kind::Opening => Some(Delivery { id, message: None }),
            Kind::Message | Kind::Last => Some(Delivery { id, message: Some(data) }),
            Kind::Unkept => Some(match self.unlogged() {
                Some(message) => Delivery { id: None, message: Some(message) },
                None => Delivery { id, message: Some(data) },
            }),
            Kind::End => None,
        }
    }

    fn unlogged(&self) -> Option<Bytes> {
        let Source::Here(channel, _) = &self.source else { return None };
        channel.take_unlogged()
    }

    fn is_superseded(&self) -> bool {
        match &self.source {
            Source::Here(channel, number) => !channel.is_read_by(*number),
            Source::Elsewhere(far) => far.is_superseded(),
            Source::Nobody(_) => false,
        }
    }
}
