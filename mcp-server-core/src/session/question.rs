//! Questions to a session's client, and their answers, which may come in on any replica.
//!
//! Where there can be other replicas, an open question has a value in the store. A replica that gets the answer puts it
//! there before it says that it was accepted, and tells the one that asked, which also looks by itself now and then.

use std::sync::Arc;
use std::time::Duration;

use bytes::{BufMut as _, Bytes, BytesMut};
use serde_json::json;
use tokio::sync::oneshot;

use super::no_link::NoLink;
use super::peers::Message;
use super::registry::Sessions;
use super::session::Session;
use crate::background::BoundedTasks;
use crate::principal::Principal;
use crate::protocol::jsonrpc::Response;
use crate::protocol::{RequestId, RpcError};
use crate::store::{Expect, Put, StoreError, StoreErrorKind};
use crate::tool::{Asking, Caller, ClientAnswer, ClientLink, Question, ToolError};

/// Tasks that look for the answer to an open question.
static LOOKS: BoundedTasks = BoundedTasks::new("question_look", 65_536);
/// Tasks that remove a question nobody asks any more.
static CLOSES: BoundedTasks = BoundedTasks::new("question_close", 4096);

/// How many questions to its client may wait at once in one session.
const MOST_ASKED: usize = 256;
/// How long an answer is kept for who asked.
const KEPT: Duration = Duration::from_mins(1);
/// How often who asked looks for the answer, should it not hear of it.
const LOOK: Duration = Duration::from_secs(1);
/// How long the text of an id of our own is at most.
const ID: usize = 20;

impl Session {
    /// The id of a new question.
    fn question(&self) -> RequestId {
        RequestId::number(self.next_question())
    }

    /// Waits for the answer to a question from now on. One question too many gets no sender: who asks finds that nobody
    /// will answer.
    fn expect(&self, id: &RequestId) -> oneshot::Receiver<ClientAnswer> {
        let (sender, receiver) = oneshot::channel();
        let mut guard = self.state();
        let asked = &mut guard.get_or_insert_default().asked;
        if asked.len() < MOST_ASKED && !self.is_closed() {
            asked.push((id.clone(), sender));
        }
        receiver
    }

    /// Whether a question of this id waits here.
    fn is_asked(&self, id: &RequestId) -> bool {
        self.state().as_ref().is_some_and(|state| state.asked.iter().any(|(other, _)| other == id))
    }

    /// Hands the client's answer to whoever asked here; says whether anybody did. A late or an invented one is nobody's.
    pub(crate) fn answer(&self, response: Response) -> bool {
        let sender = self.take_asked(&response.id);
        sender.is_some_and(|sender| sender.send(response.outcome).is_ok())
    }

    fn take_asked(&self, id: &RequestId) -> Option<oneshot::Sender<ClientAnswer>> {
        let mut found = None;
        self.change(|state| {
            if let Some(index) = state.asked.iter().position(|(other, _)| other == id) {
                found = Some(state.asked.swap_remove(index).1);
            }
        });
        found
    }
}

impl ClientLink for Session {
    fn open(&self, _patience: Duration) -> Asking<'_> {
        let id = self.question();
        let answer = self.expect(&id);
        Box::pin(std::future::ready(Ok(Question { id, answer })))
    }

    fn close(&self, id: &RequestId) {
        drop(self.take_asked(id));
    }
}

/// The way to ask a client whose answers may come in elsewhere.
#[derive(Debug)]
struct Link {
    sessions: Arc<Sessions>,
    session: Arc<Session>,
}

impl Sessions {
    /// The caller of a request in a session.
    pub(crate) fn caller(self: &Arc<Self>, session: &Arc<Session>, principal: Principal) -> Caller {
        let mut caller = session.caller(principal);
        if self.are_sealed() {
            caller.link = Some(Arc::new(NoLink::Sealed));
        } else if self.peers.are_possible() {
            caller.link = Some(Arc::new(Link { sessions: Arc::clone(self), session: Arc::clone(session) }));
        }
        caller
    }

    /// Takes the client's answer to a question in: whoever asked gets it, on whichever replica. A late or an invented
    /// answer is nobody's.
    ///
    /// # Errors
    /// What the store says; then the answer is not accepted.
    pub(crate) async fn answer(&self, session: &Session, response: Response) -> Result<(), StoreError> {
        if session.is_asked(&response.id) || !self.peers.are_possible() {
            session.answer(response);
            return Ok(());
        }
        let Some(key) = key(session, &response.id) else { return Ok(()) };
        let Some(open) = self.store.get(&key).await?.filter(|entry| entry.value.is_empty()) else { return Ok(()) };
        let expect = Expect::Version(open.version);
        let put = match self.store.put(&key, written(&response.outcome), expect, Some(KEPT)).await {
            // Who asked must not wait for what cannot be kept.
            Err(error) if error.kind() == StoreErrorKind::Invalid => {
                let refused = RpcError::invalid_request("the client's answer is too large");
                let refused = json!(refused).to_string();
                self.store.put(&key, written(&Err(Bytes::from(refused))), expect, Some(KEPT)).await?
            }
            put => put?,
        };
        if let Put::Stored(_) = put {
            let told = self.peers.announce(session, Message::Answered(response.id.as_json().to_owned())).await;
            if let Err(error) = told {
                tracing::debug!(%error, "a replica could not be told of an answer, and will look for it");
            }
        }
        Ok(())
    }

    /// Gives who asked here the answer that came in elsewhere, if it is there.
    pub(super) async fn collect(&self, session: &Session, id: &RequestId) {
        let Some(key) = key(session, id).filter(|_| session.is_asked(id)) else { return };
        match self.store.get(&key).await {
            Ok(entry) => {
                if let Some(outcome) = entry.and_then(|entry| read(&entry.value)) {
                    session.answer(Response { id: id.clone(), outcome });
                }
            }
            Err(error) => tracing::debug!(%error, "an answer could not be looked for"),
        }
    }
}

impl ClientLink for Link {
    fn open(&self, patience: Duration) -> Asking<'_> {
        Box::pin(async move {
            let id = self.session.question();
            if let Some(key) = key(&self.session, &id) {
                // Numbers of two replicas are far apart by chance; should two meet, the answer is the older question's.
                let put = self.sessions.store.put(&key, "", Expect::Absent, Some(patience + KEPT)).await?;
                if let Put::Refused(_) = put {
                    return Err(ToolError::overloaded("this question could not be put now"));
                }
            }
            let answer = self.session.expect(&id);
            LOOKS.spawn(look(Arc::clone(&self.sessions), Arc::clone(&self.session), id.clone()));
            Ok(Question { id, answer })
        })
    }

    fn close(&self, id: &RequestId) {
        drop(self.session.take_asked(id));
        let Some(key) = key(&self.session, id) else { return };
        let store = self.sessions.store.clone();
        // It expires by itself; until then a late answer would be kept for nobody.
        CLOSES.spawn(async move { store.delete(&key, None).await });
    }
}

/// Looks for an answer now and then while it is waited for: the hint may be lost.
async fn look(sessions: Arc<Sessions>, session: Arc<Session>, id: RequestId) {
    while session.is_asked(&id) {
        tokio::time::sleep(LOOK).await;
        sessions.collect(&session, &id).await;
    }
}

/// The key of a question; `None` for an id that is none of ours.
fn key(session: &Session, id: &RequestId) -> Option<String> {
    let id = id.as_json();
    (id.len() <= ID && id.bytes().all(|byte| byte.is_ascii_digit()))
        .then(|| format!("question/{}/{id}", session.opened.hash))
}

/// An answer as it is kept: one letter that says which of the two it is, then its text.
fn written(outcome: &ClientAnswer) -> Bytes {
    let (letter, text) = match outcome {
        Ok(result) => (b'R', result),
        Err(error) => (b'E', error),
    };
    let mut value = BytesMut::with_capacity(text.len() + 1);
    value.put_u8(letter);
    value.put_slice(text);
    value.freeze()
}

fn read(value: &Bytes) -> Option<ClientAnswer> {
    match value.first()? {
        b'R' => Some(Ok(value.slice(1..))),
        _ => Some(Err(value.slice(1..))),
    }
}
