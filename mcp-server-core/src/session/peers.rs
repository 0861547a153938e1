//! The other replicas: which messages they get about sessions, and how this one knows that they have acted on them.
//!
//! A message may be lost, so it is sent again while a peer has not acknowledged it. A peer that does not acknowledge it in
//! time is slow, cut off or dead. It reads its sessions again after a loss on the bus, and serves none whose record it has
//! not read for one and a half leases.

use std::collections::{BTreeSet, HashMap};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use serde::{Deserialize, Serialize};
use tokio::sync::Notify;
use tokio::time::Instant;

use super::session::Session;
use crate::store::{Replica, Store, StoreError};

/// What is told of sessions.
pub(super) const TOPIC: &str = "sessions";
/// How long one round of waiting for confirmations is, and how many there are.
const ROUND: Duration = Duration::from_millis(100);
const ROUNDS: u32 = 5;
/// How long a replica that was found dead is not waited for.
const DEAD: Duration = Duration::from_secs(10);

/// The replicas that share the store with this one.
#[derive(Debug)]
pub(crate) struct Peers {
    store: Store,
    replica: Arc<Replica>,
    /// Whether there can be any: some engines belong to one process.
    possible: bool,
    next: AtomicU64,
    waiting: Mutex<HashMap<u64, Waiting>>,
    dead: Mutex<HashMap<String, Instant>>,
}

/// Who has not confirmed yet.
#[derive(Debug)]
struct Waiting {
    left: BTreeSet<String>,
    done: Arc<Notify>,
}

/// What the peers are told of a session.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum Message {
    /// Its record is another one, of this sequence number.
    Changed(u64),
    /// It has ended.
    Ended,
    /// A request was given up; this is its id as JSON text.
    Cancelled(String),
    /// A question was answered; this is its id as JSON text.
    Answered(String),
    /// A stream of it is read by the sender from now on.
    Read(String),
}

/// A message on its way.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Envelope {
    /// The replica that tells it.
    pub(super) by: String,
    /// What to confirm it with.
    pub(super) ticket: u64,
    /// The session's number.
    pub(super) number: u32,
    /// The hash of the session's secret.
    pub(super) hash: String,
    /// What it says.
    pub(super) message: Message,
}

/// An acknowledgement on its way.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Ack {
    by: String,
    ticket: u64,
}

impl Peers {
    pub(super) fn new(store: &Store, replica: Arc<Replica>, possible: bool) -> Arc<Self> {
        let (next, waiting, dead) = (AtomicU64::new(0), Mutex::default(), Mutex::default());
        Arc::new(Self { store: store.clone(), replica, possible, next, waiting, dead })
    }

    /// Whether there can be other replicas.
    pub(super) fn are_possible(&self) -> bool {
        self.possible
    }

    /// The id of this replica.
    pub(super) fn me(&self) -> &str {
        self.replica.id()
    }

    /// This process among those that use the store.
    pub(super) fn replica(&self) -> &Replica {
        &self.replica
    }

    /// Where confirmations for this replica arrive.
    pub(super) fn confirmations(&self) -> String {
        confirmations(self.me())
    }

    /// Announces something of a session and waits until each living peer has acted on it: half a second at most, for one
    /// that has died is known as dead a little later only.
    ///
    /// # Errors
    /// What the store says; then it is not known who has acted on it.
    pub(super) async fn announce(&self, session: &Session, message: Message) -> Result<(), StoreError> {
        if !self.possible {
            return Ok(());
        }
        let left = self.living().await?;
        let Some(left) = left else { return Ok(()) };
        let ticket = self.next.fetch_add(1, Ordering::Relaxed);
        let message = self.envelope(ticket, session.id.number, &session.opened.hash, message);
        let done = Arc::new(Notify::new());
        let nobody = left.is_empty();
        self.waiting().insert(ticket, Waiting { left, done: Arc::clone(&done) });
        let _entry = Entry { peers: self, ticket };
        for round in 0..ROUNDS {
            if round % 2 == 0 {
                self.store.publish(TOPIC, message.clone()).await?;
            }
            if nobody || tokio::time::timeout(ROUND, done.notified()).await.is_ok() || self.mark_dead(ticket).await? {
                return Ok(());
            }
        }
        tracing::debug!("a replica does not confirm what it was told of a session");
        Ok(())
    }

    /// Announces the end of a session that gave way, and waits for nobody.
    ///
    /// # Errors
    /// What the store says.
    pub(super) async fn announce_eviction(&self, number: u32, hash: &str) -> Result<(), StoreError> {
        if !self.possible {
            return Ok(());
        }
        let ticket = self.next.fetch_add(1, Ordering::Relaxed);
        self.store.publish(TOPIC, self.envelope(ticket, number, hash, Message::Ended)).await
    }

    fn envelope(&self, ticket: u64, number: u32, hash: &str, message: Message) -> Vec<u8> {
        let envelope = Envelope { by: self.me().to_owned(), ticket, number, hash: hash.to_owned(), message };
        serde_json::to_vec(&envelope).unwrap_or_default()
    }

    /// Acknowledges a message to its sender.
    ///
    /// # Errors
    /// What the store says.
    pub(super) async fn confirm(&self, envelope: &Envelope) -> Result<(), StoreError> {
        let ack = Ack { by: self.me().to_owned(), ticket: envelope.ticket };
        self.store.publish(&confirmations(&envelope.by), serde_json::to_vec(&ack).unwrap_or_default()).await
    }

    /// Takes an acknowledgement in.
    pub(super) fn confirmed(&self, ack: &Ack) {
        self.acknowledge(ack.ticket, |left| {
            left.remove(&ack.by);
        });
    }

    /// The others that are not known to be dead; `None` if this replica is alone.
    async fn living(&self) -> Result<Option<BTreeSet<String>>, StoreError> {
        let members = self.replica.members().await?;
        let mut others: BTreeSet<String> =
            members.into_iter().map(|member| member.id).filter(|id| id != self.me()).collect();
        if others.is_empty() {
            return Ok(None);
        }
        let mut dead = self.dead.lock().unwrap_or_else(PoisonError::into_inner);
        dead.retain(|_, since| since.elapsed() < DEAD);
        others.retain(|id| !dead.contains_key(id));
        Ok(Some(others))
    }

    /// Waits no longer for those who are dead; says whether nobody is left.
    async fn mark_dead(&self, ticket: u64) -> Result<bool, StoreError> {
        let left: Vec<String> =
            self.waiting().get(&ticket).map(|waiting| waiting.left.iter().cloned().collect()).unwrap_or_default();
        for id in left {
            if self.replica.is_lost(&id).await? {
                self.dead.lock().unwrap_or_else(PoisonError::into_inner).insert(id.clone(), Instant::now());
                self.acknowledge(ticket, |left| {
                    left.remove(&id);
                });
            }
        }
        Ok(self.waiting().get(&ticket).is_none_or(|waiting| waiting.left.is_empty()))
    }

    fn acknowledge(&self, ticket: u64, remove: impl FnOnce(&mut BTreeSet<String>)) {
        if let Some(waiting) = self.waiting().get_mut(&ticket) {
            remove(&mut waiting.left);
            if waiting.left.is_empty() {
                waiting.done.notify_one();
            }
        }
    }

    fn waiting(&self) -> MutexGuard<'_, HashMap<u64, Waiting>> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn confirmations(id: &str) -> String {
    format!("{TOPIC}/{id}")
}

/// A ticket that is waited for; whoever gives up takes it along.
struct Entry<'a> {
    peers: &'a Peers,
    ticket: u64,
}

impl Drop for Entry<'_> {
    fn drop(&mut self) {
        self.peers.waiting().remove(&self.ticket);
    }
}
