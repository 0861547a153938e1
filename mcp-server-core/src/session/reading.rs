//! Streams of a session: opened for a request, and read again from wherever a client lost them.

use std::sync::Arc;

use super::peers::Message;
use super::registry::Sessions;
use super::session::Session;
use super::stream::{Delivery, EventId, Far, StreamError, StreamReader, StreamWriter, Token};
use crate::protocol::RequestId;
use crate::store::StoreError;

/// How many hints wait for a reader: each says no more than that it should look.
const HINTS: usize = 8;

impl Sessions {
    /// Opens a stream for the events of a request.
    ///
    /// # Errors
    /// What the store says.
    pub(crate) async fn stream(
        &self,
        session: &Arc<Session>,
        request: &RequestId,
    ) -> Result<(StreamWriter, StreamReader), StoreError> {
        StreamWriter::open(&self.store, session, self.peers.me(), request, self.limits.keep()).await
    }

    /// Resumes a stream of a session after one of its events, wherever it is written; it is read here alone from now on.
    ///
    /// # Errors
    /// [`StreamError::Gone`] if that cannot be done without a gap.
    pub(crate) async fn resume(&self, session: &Arc<Session>, id: EventId) -> Result<StreamReader, StreamError> {
        let reader = self.find_event(session, id).await?;
        if reader.is_done() {
            return Ok(reader);
        }
        let near = session.channel(id.token).filter(|channel| !channel.is_afar());
        if let Some(channel) = near {
            if channel.is_handed_over() {
                self.take_over(session, id.token).await;
            }
            return Ok(reader.here(&channel));
        }
        let runs_elsewhere = reader.worker().is_some_and(|worker| worker != self.peers.me());
        if !self.peers.are_possible() || !runs_elsewhere {
            return Ok(reader);
        }
        // In this order: what is written from now on is either told of or read below.
        let hints = self.store.subscribe(&id.token.topic(&session.opened.hash), HINTS).await?;
        self.take_over(session, id.token).await;
        Ok(reader.elsewhere(Far::new(hints, &self.peers, session, id.token, self.limits.keep())))
    }

    /// The events after one of the stream that belongs to no request, as far as they are there.
    ///
    /// # Errors
    /// [`StreamError::Gone`] if that cannot be done without a gap.
    pub(crate) async fn missed(&self, session: &Session, id: EventId) -> Result<Vec<Delivery>, StreamError> {
        Ok(self.find_event(session, id).await?.rest().await?)
    }

    async fn find_event(&self, session: &Session, id: EventId) -> Result<StreamReader, StreamError> {
        if !self.limits.are_resumable() {
            return Err(StreamError::Gone);
        }
        StreamReader::find(&self.store, &session.opened.hash, id, self.limits.keep()).await
    }

    /// Makes this replica the one that reads a stream.
    pub(crate) async fn take_over(&self, session: &Session, token: Token) {
        if let Err(error) = self.peers.announce(session, Message::Read(token.to_string())).await {
            tracing::debug!(%error, "other replicas could not be told who reads a stream");
        }
    }

    /// Adds an event to the stream that belongs to no request.
    ///
    /// # Errors
    /// What the store says.
    pub(crate) async fn append_standing(&self, session: &Session, message: &[u8]) -> Result<EventId, StoreError> {
        let (hash, keep) = (&session.opened.hash, self.limits.keep());
        StreamWriter::append_standing(&self.store, hash, self.peers.me(), message, keep).await
    }
}
