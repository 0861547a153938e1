//! The writing end of a stream.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use bytes::Bytes;

use super::entry::{Kind, Origin};
use super::far::RELEASE;
use super::lost;
use super::reader::StreamReader;
use crate::background::BoundedTasks;
use crate::protocol::{RequestId, RpcError, write};
use crate::session::Session;
use crate::session::channel::Channel;
use crate::session::token::{EventId, Token};
use crate::store::{Keep, LogEntry, Store, StoreError, StoreErrorKind};

/// Tasks that end the stream of a call that was broken off.
static ENDS: BoundedTasks = BoundedTasks::new("stream_end", 65_536);

/// How long it waits before an entry is offered again to a store that did not take it.
const AGAIN: Duration = Duration::from_millis(100);
const AT_MOST: Duration = Duration::from_secs(1);

/// Writes the events of one request. Dropped before it is finished, it ends the stream in an error.
#[derive(Debug)]
pub(crate) struct StreamWriter {
    to: Place,
    session: Arc<Session>,
    channel: Arc<Channel>,
    /// The number of the next entry.
    next: AtomicU64,
    over: bool,
}

/// Where a stream is written to.
#[derive(Clone, Debug)]
struct Place {
    store: Store,
    token: Token,
    log: String,
    topic: String,
    origin: Origin,
    keep: Keep,
}

impl StreamWriter {
    /// Opens a stream for the events of a request that runs on a replica, and the reader that delivers it first.
    ///
    /// # Errors
    /// What the store says; then there is no stream.
    pub(in crate::session) async fn open(
        store: &Store,
        session: &Arc<Session>,
        worker: &str,
        request: &RequestId,
        keep: Keep,
    ) -> Result<(Self, StreamReader), StoreError> {
        let token = Token::draw();
        let hash = &session.opened.hash;
        let origin = Origin { worker: worker.into(), request: Some(request.clone()) };
        let to = Place { store: store.clone(), token, log: token.log(hash), topic: token.topic(hash), origin, keep };
        let data = to.entry(Kind::Opening, 1, request.as_json().as_bytes());
        let offset = store.append(&to.log, data.clone(), keep).await?;
        let opening = LogEntry { offset, data };
        let channel = Arc::new(Channel::default());
        session.add_stream(token, &channel);
        let reader = StreamReader::first(store, token, to.log.clone(), &channel, opening);
        Ok((Self { to, session: Arc::clone(session), channel, next: AtomicU64::new(2), over: false }, reader))
    }

    /// Adds a message to the stream of a session that belongs to no request.
    ///
    /// # Errors
    /// What the store says.
    pub(in crate::session) async fn append_standing(
        store: &Store,
        session: &str,
        worker: &str,
        message: &[u8],
        keep: Keep,
    ) -> Result<EventId, StoreError> {
        let token = Token::STANDALONE;
        let origin = Origin { worker: worker.into(), request: None };
        let offset = store.append(&token.log(session), Kind::Message.entry(0, &origin, message), keep).await?;
        Ok(EventId { token, offset })
    }

    /// Adds a message; it is in the log when this returns. While the store is away this waits for it, so that nothing is
    /// left out: dropping the future gives the message up.
    ///
    /// # Errors
    /// What the store says if it will never take the message; the stream goes on without it.
    pub(crate) async fn append(&self, message: &Bytes) -> Result<(), StoreError> {
        let entry = self.entry(Kind::Message, message);
        match self.write(entry.clone()).await {
            Err(error) if error.is_retryable() => {
                tracing::warn!(%error, "a message to a client waits for the store");
                if !self.to.insist(&entry).await {
                    return Err(error);
                }
                self.tell().await;
                Ok(())
            }
            written => written,
        }
    }

    /// Adds the last message and ends the stream.
    ///
    /// What the log does not take reaches the client that is connected now. A message that is too large for it can be
    /// had by nobody else; for any other reason it is offered again while it is of use.
    pub(crate) async fn finish(mut self, message: Bytes) {
        let entry = self.entry(Kind::Last, &message);
        let Err(error) = self.write(entry.clone()).await else {
            self.over = true;
            return;
        };
        tracing::warn!(%error, "the answer of a call could not be kept for resumption");
        self.channel.leave_unlogged(message.clone());
        if error.kind() == StoreErrorKind::Invalid {
            let error = write::error(self.to.origin.request.as_ref(), &lost::too_large());
            self.over = self.write(self.entry(Kind::Unkept, &error)).await.is_ok();
            return;
        }
        self.channel.end();
        self.over = self.to.insist(&entry).await;
        self.tell().await;
    }

    /// Ends the stream in an error.
    pub(crate) async fn fail(self, error: &RpcError) {
        let message = write::error(self.to.origin.request.as_ref(), error);
        self.finish(message).await;
    }

    /// Lets the connection of the client go while the request goes on: its reader ends with what there is, and the client
    /// comes back for the rest.
    pub(crate) async fn release(&self) {
        self.channel.release();
        if self.channel.is_handed_over() {
            self.to.publish(RELEASE).await;
        }
    }

    /// Ends the stream without another message: its request was given up, and gets no answer.
    pub(crate) async fn abandon(mut self) {
        let entry = self.entry(Kind::End, &[]);
        match self.write(entry.clone()).await {
            Ok(()) => self.over = true,
            Err(error) => {
                tracing::debug!(%error, "the end of a stream could not be kept");
                self.channel.end();
                self.over = self.to.insist(&entry).await;
                self.tell().await;
            }
        }
    }

    /// Keeps a quiet stream in the store for another while.
    pub(crate) async fn refresh(&self) {
        if let Err(error) = self.to.store.trim(&self.to.log, self.to.keep).await {
            tracing::debug!(%error, "a quiet stream could not be kept");
        }
    }

    /// How often a quiet stream has to be refreshed.
    pub(crate) fn patience(&self) -> Duration {
        self.to.keep.age / 3
    }

    fn entry(&self, kind: Kind, data: &[u8]) -> Bytes {
        self.to.entry(kind, self.next.fetch_add(1, Ordering::Relaxed), data)
    }

    async fn write(&self, entry: Bytes) -> Result<(), StoreError> {
        self.to.write(entry).await?;
        self.tell().await;
        Ok(())
    }

    /// Tells the reader, wherever it is, that there is more.
    async fn tell(&self) {
        self.channel.wake();
        if self.channel.is_handed_over() {
            self.to.publish(b"").await;
        }
    }
}

impl Place {
    fn entry(&self, kind: Kind, number: u64, data: &[u8]) -> Bytes {
        kind.entry(number, &self.origin, data)
    }

    async fn write(&self, entry: Bytes) -> Result<(), StoreError> {
        self.store.append(&self.log, entry, self.keep).await.map(drop)
    }

    /// Writes an entry as soon as the store takes it; says whether it did while the stream was kept.
    async fn insist(&self, entry: &Bytes) -> bool {
        let mut pause = AGAIN;
        let insisting = async {
            loop {
                tokio::time::sleep(pause).await;
                if self.write(entry.clone()).await.is_ok() {
                    return;
                }
                pause = (pause * 2).min(AT_MOST);
            }
        };
        tokio::time::timeout(self.keep.age, insisting).await.is_ok()
    }

    /// Wakes a reader on another replica; it looks by itself now and then, should it not hear.
    async fn publish(&self, what: &'static [u8]) {
        if let Err(error) = self.store.publish(&self.topic, what).await {
            tracing::debug!(%error, "a reader on another replica could not be woken");
        }
    }
}

impl Drop for StreamWriter {
    fn drop(&mut self) {
        self.channel.end();
        self.session.remove_stream(self.to.token);
        if !self.over {
            // Whatever broke the call off: its client must not wait for ever.
            let to = self.to.clone();
            ENDS.spawn(async move {
                let error = write::error(to.origin.request.as_ref(), &lost::worker());
                let last = to.entry(Kind::Last, 0, &error);
                if to.write(last.clone()).await.is_err() {
                    to.insist(&last).await;
                }
                to.publish(b"").await;
            });
        }
    }
}
