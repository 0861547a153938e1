//! The writing end of a stream.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use tokio::sync::Mutex;

use super::entry::{Kind, Origin};
use super::far::RELEASE;
use super::lost;
use super::place::{AGAIN, Backlog, Place};
use super::reader::StreamReader;
use crate::protocol::{RequestId, RpcError, write};
use crate::session::Session;
use crate::session::channel::Channel;
use crate::session::token::{EventId, Token};
use crate::store::{Keep, Offset, Store, StoreError, StoreErrorKind};

/// Writes the events of one request. Dropped before it is finished, it ends the stream in an error.
#[derive(Debug)]
pub(crate) struct StreamWriter {
    to: Place,
    backlog: Mutex<Backlog>,
    session: Arc<Session>,
    channel: Arc<Channel>,
    over: bool,
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
        let hash = session.id.hash();
        let origin = Origin { worker: worker.into(), request: Some(request.clone()) };
        let to = Place { store: store.clone(), token, log: token.log(&hash), topic: token.topic(&hash), origin, keep };
        let backlog = Mutex::new(to.open(request.as_json().as_bytes()).await?);
        let channel = Arc::new(Channel::default());
        session.add_stream(token, &channel);
        let reader = StreamReader::first(store, token, to.log.clone(), &channel);
        Ok((Self { to, backlog, session: Arc::clone(session), channel, over: false }, reader))
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
        let offset = store.append(&token.log(session), Kind::Message.entry(&origin, message), keep).await?;
        Ok(EventId { token, offset })
    }

    /// Adds a message; it is in the log when this returns.
    ///
    /// # Errors
    /// What the store says; the message goes in before the next one then.
    pub(crate) async fn append(&self, message: &Bytes) -> Result<EventId, StoreError> {
        let offset = self.write(Kind::Message, message).await?;
        Ok(EventId { token: self.to.token, offset })
    }

    /// Adds the last message and ends the stream.
    ///
    /// What the log does not take reaches the client that is connected now. A message that is too large for it can be
    /// had by nobody else; for any other reason it is offered again while it is of use.
    pub(crate) async fn finish(mut self, message: Bytes) {
        let Err(error) = self.write(Kind::Last, &message).await else {
            self.over = true;
            return;
        };
        tracing::warn!(%error, "the answer of a call could not be kept for resumption");
        if error.kind() == StoreErrorKind::Invalid {
            self.channel.leave_unlogged([message].into());
            let error = write::error(self.to.origin.request.as_ref(), &lost::too_large());
            self.over = self.write(Kind::Unkept, &error).await.is_ok();
            return;
        }
        self.channel.leave_unlogged(self.backlog.get_mut().messages());
        self.channel.end();
        self.over = self.backlog.get_mut().insist(&self.to).await;
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
        match self.write(Kind::End, &[]).await {
            Ok(_) => self.over = true,
            Err(error) => {
                tracing::debug!(%error, "the end of a stream could not be kept");
                self.channel.end();
                self.over = self.backlog.get_mut().insist(&self.to).await;
            }
        }
    }

    /// Writes what a store that was away has not taken, and keeps a quiet stream in it for another while.
    pub(crate) async fn refresh(&self) {
        if self.is_behind() {
            if self.backlog.lock().await.catch_up(&self.to).await.is_ok() {
                self.wake().await;
            }
        } else if let Err(error) = self.to.store.trim(&self.to.log, self.to.keep).await {
            tracing::debug!(%error, "a quiet stream could not be kept");
        }
    }

    /// How long a stream may be quiet until it has to be refreshed.
    pub(crate) fn patience(&self) -> Duration {
        if self.is_behind() { AGAIN } else { self.to.keep.age / 3 }
    }

    fn is_behind(&self) -> bool {
        self.backlog.try_lock().is_ok_and(|backlog| !backlog.is_empty())
    }

    async fn write(&self, kind: Kind, data: &[u8]) -> Result<Offset, StoreError> {
        let offset = self.backlog.lock().await.write(&self.to, kind, data).await?;
        self.wake().await;
        Ok(offset)
    }

    async fn wake(&self) {
        self.channel.wake();
        if self.channel.is_handed_over() {
            self.to.publish(b"").await;
        }
    }
}

impl Drop for StreamWriter {
    fn drop(&mut self) {
        self.channel.end();
        self.session.remove_stream(self.to.token);
        let runtime = tokio::runtime::Handle::try_current();
        if let (false, Ok(runtime)) = (self.over, runtime) {
            // Whatever broke the call off: its client must not wait for ever.
            let (to, mut backlog) = (self.to.clone(), self.backlog.get_mut().clone());
            drop(runtime.spawn(async move {
                let error = write::error(to.origin.request.as_ref(), &lost::worker());
                if backlog.write(&to, Kind::Last, &error).await.is_err() {
                    backlog.insist(&to).await;
                }
                to.publish(b"").await;
            }));
        }
    }
}
