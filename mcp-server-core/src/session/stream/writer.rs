//! The writing end of a stream.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;

use super::entry::Kind;
use super::reader::StreamReader;
use crate::protocol::RequestId;
use crate::session::Session;
use crate::session::channel::Channel;
use crate::session::token::{EventId, Token};
use crate::store::{Keep, Offset, Store, StoreError};

/// Writes the events of one request. Dropping it ends the stream for its readers.
#[derive(Debug)]
pub(crate) struct StreamWriter {
    store: Store,
    session: Arc<Session>,
    token: Token,
    log: String,
    keep: Keep,
    channel: Arc<Channel>,
}

impl StreamWriter {
    /// Opens a stream for the events of a request, and the reader that delivers it first.
    ///
    /// # Errors
    /// What the store says; then there is no stream.
    pub(in crate::session) async fn open(
        store: &Store,
        session: &Arc<Session>,
        request: &RequestId,
        keep: Keep,
    ) -> Result<(Self, StreamReader), StoreError> {
        let token = Token::draw();
        let log = token.log(&session.id.hash());
        store.append(&log, Kind::Opening.entry(request.as_json().as_bytes()), keep).await?;
        let channel = Arc::new(Channel::default());
        session.add_stream(token, &channel);
        let reader = StreamReader::new(store.clone(), token, log.clone(), Offset::START, Some(Arc::clone(&channel)));
        Ok((Self { store: store.clone(), session: Arc::clone(session), token, log, keep, channel }, reader))
    }

    /// Adds a message to the stream of a session that belongs to no request.
    ///
    /// # Errors
    /// What the store says.
    pub(in crate::session) async fn append_standing(
        store: &Store,
        session: &str,
        message: &[u8],
        keep: Keep,
    ) -> Result<EventId, StoreError> {
        let token = Token::STANDALONE;
        let offset = store.append(&token.log(session), Kind::Message.entry(message), keep).await?;
        Ok(EventId { token, offset })
    }

    /// Adds a message; it is in the log when this returns.
    ///
    /// # Errors
    /// What the store says; then the message is lost, and the stream goes on without it.
    pub(crate) async fn append(&self, message: &Bytes) -> Result<EventId, StoreError> {
        self.write(Kind::Message, message).await
    }

    /// Adds the last message and ends the stream.
    ///
    /// What the log does not take reaches the client that is connected now; it cannot be resumed then.
    pub(crate) async fn finish(self, message: Bytes) {
        match self.write(Kind::Last, &message).await {
            Ok(_) => self.end().await,
            Err(error) => {
                tracing::warn!(%error, "the answer of a call could not be kept for resumption");
                self.channel.leave_unlogged(message);
            }
        }
    }

    /// Lets the connection of the client go while the request goes on: its reader ends with what there is, and the client
    /// comes back for the rest.
    pub(crate) fn release(&self) {
        self.channel.release();
    }

    /// Ends the stream without another message: its request was given up, and gets no answer.
    pub(crate) async fn abandon(self) {
        self.end().await;
    }

    async fn end(&self) {
        if let Err(error) = self.write(Kind::End, &Bytes::new()).await {
            tracing::debug!(%error, "the end of a stream could not be kept");
        }
    }

    /// Keeps a quiet stream in the store for another while.
    pub(crate) async fn refresh(&self) {
        if let Err(error) = self.store.trim(&self.log, self.keep).await {
            tracing::debug!(%error, "a quiet stream could not be kept");
        }
    }

    /// How often a quiet stream has to be refreshed.
    pub(crate) fn patience(&self) -> Duration {
        self.keep.age / 3
    }

    async fn write(&self, kind: Kind, data: &Bytes) -> Result<EventId, StoreError> {
        let offset = self.store.append(&self.log, kind.entry(data), self.keep).await?;
        self.channel.wake();
        Ok(EventId { token: self.token, offset })
    }
}

impl Drop for StreamWriter {
    fn drop(&mut self) {
        self.channel.end();
        self.session.remove_stream(self.token);
    }
}
