//! Hearing what other replicas say of sessions, and doing here what follows from it.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use bytes::Bytes;
use tokio_util::task::AbortOnDropHandle;

use super::legacy::Session;
use super::others::{Heard, Hint, TOPIC, Told};
use super::registry::Sessions;
use super::token::Token;
use crate::protocol::RequestId;
use crate::store::{Event, StoreError, limit};

impl Sessions {
    /// Joins the other replicas, until the handle is dropped; nothing that they say from now on is passed over.
    ///
    /// # Errors
    /// What the store says.
    pub(crate) async fn attach(self: &Arc<Self>) -> Result<Option<AbortOnDropHandle<()>>, StoreError> {
        if !self.others.are_possible() {
            return Ok(None);
        }
        let mut hints = self.store.subscribe(TOPIC, limit::WAITING).await?;
        let mut confirmations = self.store.subscribe(&self.others.confirmations(), limit::WAITING).await?;
        let sessions = Arc::clone(self);
        Ok(Some(AbortOnDropHandle::new(tokio::spawn(async move {
            loop {
                let (event, is_hint) = tokio::select! {
                    event = hints.recv() => (event, true),
                    event = confirmations.recv() => (event, false),
                };
                match event {
                    Some(Event::Message(message)) if is_hint => sessions.hear(&message),
                    Some(Event::Message(message)) => {
                        if let Ok(heard) = serde_json::from_slice::<Heard>(&message) {
                            sessions.others.confirmed(&heard);
                        }
                    }
                    Some(Event::Missed(_)) if is_hint => sessions.doubt_all(),
                    Some(Event::Missed(_)) => {}
                    // The store is closed: the server ends.
                    None => return,
                }
            }
        }))))
    }

    /// Takes a hint in. What has to be read goes on beside: the next hint does not wait for it.
    fn hear(self: &Arc<Self>, message: &[u8]) {
        let Ok(told) = serde_json::from_slice::<Told>(message) else { return };
        if told.by == self.others.me() {
            return;
        }
        // Whoever looks this session up right now must not put back what it found.
        if told.hint == Hint::Ended {
            self.ended.fetch_add(1, Ordering::AcqRel);
        }
        let sessions = Arc::clone(self);
        let session = self.here_under(told.number, &told.hash);
        if let (Some(session), Hint::Ended) = (&session, &told.hint) {
            self.forget(session);
        }
        tokio::spawn(async move {
            if let Some(session) = session {
                sessions.heed(&session, &told.hint).await;
            }
            if let Err(error) = sessions.others.confirm(&told).await {
                tracing::debug!(%error, "a replica could not be told that it was heard");
            }
        });
    }

    async fn heed(&self, session: &Arc<Session>, hint: &Hint) {
        match hint {
            Hint::Ended => {}
            Hint::Changed => self.check(session).await,
            Hint::Cancelled(id) => {
                if let Some(id) = RequestId::from_json(&Bytes::copy_from_slice(id.as_bytes())) {
                    session.cancel(&id);
                }
            }
            Hint::Answered(id) => {
                if let Some(id) = RequestId::from_json(&Bytes::copy_from_slice(id.as_bytes())) {
                    self.collect(session, &id).await;
                }
            }
            Hint::Read(token) => {
                if let Some(token) = Token::parse(token) {
                    session.hand_over(token);
                }
            }
        }
    }

    /// Looks at the record of a session again: what another replica changed is so here too.
    pub(super) async fn check(&self, session: &Session) {
        session.doubt();
        let now = self.epoch();
        match self.look(&session.id).await {
            Ok(Some((record, version))) => session.take_up(&record, version, now),
            Ok(None) => self.forget(session),
            // The next request asks again.
            Err(error) => tracing::debug!(%error, "the record of a session could not be read again"),
        }
    }

    /// Something was not heard: nothing here is taken for granted until its record was read again.
    pub(super) fn doubt_all(self: &Arc<Self>) {
        self.epoch.fetch_add(1, Ordering::AcqRel);
        self.ended.fetch_add(1, Ordering::AcqRel);
        let sessions = Arc::clone(self);
        tokio::spawn(async move {
            // Requests look for themselves; what runs without one has to be told.
            for session in sessions.here().filter(|session| !session.is_idle()) {
                sessions.check(&session).await;
            }
        });
    }

    /// The session in a place, if it is the one of this hash.
    fn here_under(&self, number: u32, hash: &str) -> Option<Arc<Session>> {
        let session = self.places.get(number as usize)?.load_full()?;
        (session.id.hash() == hash).then_some(session)
    }
}
