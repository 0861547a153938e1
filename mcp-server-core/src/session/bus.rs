//! What other replicas say of sessions, and what this one does about it.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use bytes::Bytes;
use tokio_util::task::AbortOnDropHandle;

use super::peers::{Ack, Envelope, Message, TOPIC};
use super::registry::Sessions;
use super::session::Session;
use super::token::Token;
use crate::background::{self, BoundedTasks};
use crate::protocol::RequestId;
use crate::store::{Event, StoreError, limit};

/// Tasks that act on a message of another replica.
static EVENTS: BoundedTasks = BoundedTasks::new("session_event", 65_536);
/// Tasks that read the records of all sessions again.
static READS: BoundedTasks = BoundedTasks::new("session_read_all", 16);

/// The background work of the sessions of a process; it ends when this is dropped.
#[derive(Debug)]
pub(crate) struct Attached {
    _sweep: AbortOnDropHandle<()>,
    _bus: Option<AbortOnDropHandle<()>>,
}

impl Sessions {
    /// Starts the background work, until the handle is dropped: idle sessions are swept, and nothing that peers say from
    /// now on is passed over.
    ///
    /// # Errors
    /// What the store says.
    pub(crate) async fn attach(self: &Arc<Self>) -> Result<Attached, StoreError> {
        let bus = self.listen().await?;
        let sweep =
            AbortOnDropHandle::new(background::spawn("session_sweep", Self::sweep_regularly(Arc::downgrade(self))));
        Ok(Attached { _sweep: sweep, _bus: bus })
    }

    async fn listen(self: &Arc<Self>) -> Result<Option<AbortOnDropHandle<()>>, StoreError> {
        if !self.peers.are_possible() {
            return Ok(None);
        }
        let mut messages = self.store.subscribe(TOPIC, limit::WAITING).await?;
        let mut acks = self.store.subscribe(&self.peers.confirmations(), limit::WAITING).await?;
        let sessions = Arc::clone(self);
        Ok(Some(AbortOnDropHandle::new(background::spawn("session_events", async move {
            loop {
                let (event, is_message) = tokio::select! {
                    biased;
                    event = acks.recv() => (event, false),
                    event = messages.recv() => (event, true),
                };
                match event {
                    Some(Event::Message(message)) if is_message => sessions.on_message(&message),
                    Some(Event::Message(message)) => {
                        if let Ok(ack) = serde_json::from_slice::<Ack>(&message) {
                            sessions.peers.confirmed(&ack);
                        }
                    }
                    Some(Event::Missed(_)) if is_message => sessions.on_gap(),
                    Some(Event::Missed(_)) => {}
                    // The store is closed: the server ends.
                    None => return,
                }
            }
        }))))
    }

    /// Acts on a message. What has to be read is read beside: the next message does not wait for it.
    fn on_message(self: &Arc<Self>, message: &[u8]) {
        let Ok(envelope) = serde_json::from_slice::<Envelope>(message) else { return };
        if envelope.by == self.peers.me() {
            return;
        }
        // Whoever looks this session up right now must not put back what it found.
        if envelope.message == Message::Ended {
            self.ended.fetch_add(1, Ordering::AcqRel);
            self.surveys.ended();
        }
        let sessions = Arc::clone(self);
        let session = self.here_under(envelope.number, &envelope.hash);
        if let (Some(session), Message::Ended) = (&session, &envelope.message) {
            self.forget(session);
        }
        let affected = session.clone();
        let started = EVENTS.spawn(async move {
            if let Some(session) = session {
                sessions.on_event(&session, &envelope.message).await;
            }
            if let Err(error) = sessions.peers.confirm(&envelope).await {
                tracing::debug!(%error, "a message of another replica could not be acknowledged");
            }
        });
        if let (None, Some(session)) = (started, affected) {
            // Nobody acts on the message now: the next request reads the record.
            session.freshness.invalidate();
        }
    }

    async fn on_event(&self, session: &Arc<Session>, message: &Message) {
        match message {
            Message::Ended => {}
            Message::Changed(sequence) if session.sequence() >= *sequence => {}
            Message::Changed(_) => self.read_again(session).await,
            Message::Cancelled(id) => {
                if let Some(id) = RequestId::from_json(&Bytes::copy_from_slice(id.as_bytes())) {
                    session.cancel(&id);
                }
            }
            Message::Answered(id) => {
                if let Some(id) = RequestId::from_json(&Bytes::copy_from_slice(id.as_bytes())) {
                    self.collect(session, &id).await;
                }
            }
            Message::Read(token) => {
                if let Some(token) = Token::parse(token) {
                    session.hand_over(token);
                }
            }
        }
    }

    /// Reads the record of a session again that another replica has changed. Where that fails, the next request does it.
    async fn read_again(&self, session: &Session) {
        if let Err(error) = self.refresh(session).await {
            tracing::debug!(%error, "the record of a session could not be read again");
            session.freshness.invalidate();
        }
    }

    /// Messages were lost: no snapshot is used until it was read again.
    pub(super) fn on_gap(self: &Arc<Self>) {
        self.epoch.fetch_add(1, Ordering::AcqRel);
        self.ended.fetch_add(1, Ordering::AcqRel);
        let sessions = Arc::clone(self);
        READS.spawn(async move {
            // Requests read for themselves; what runs without one has to be told.
            for session in sessions.here().filter(|session| !session.is_idle()) {
                sessions.read_again(&session).await;
            }
        });
    }

    /// The session in a place, if it is the one of this hash.
    fn here_under(&self, number: u32, hash: &str) -> Option<Arc<Session>> {
        let session = self.places.get(number as usize)?.load_full()?;
        (*session.opened.hash == *hash).then_some(session)
    }
}
