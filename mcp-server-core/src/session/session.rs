//! A session: what `initialize` opened, and the record of it as the store last had it.

use std::any::Any;
use std::sync::atomic::{AtomicBool, AtomicU32, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use arc_swap::ArcSwap;
use opentelemetry::KeyValue;

use super::change::SessionChange;
use super::channel::Channel;
use super::freshness::Freshness;
use super::id::SessionId;
use super::initialize::Hello;
use super::record::{Opened, SessionRecord};
use super::state::{Kept, SessionState};
use super::stored::Stored;
use super::token::Token;
use crate::principal::Principal;
#[cfg(test)]
use crate::protocol::ClientCapabilities;
use crate::protocol::{LogLevel, Revision, RpcError};
use crate::store::Clock;
use crate::store::seal::random;
use crate::telemetry::Telemetry;
use crate::telemetry::semconv::attribute;
use crate::tool::{Caller, ClientLink};

/// Until a client sets a level the server chooses (server/utilities/logging of 2025-11-25).
const UNSET: LogLevel = LogLevel::Info;

/// How many characters of the hash of an id others may read.
const LABEL: usize = 12;

/// A legacy session. An idle one is this and nothing else: no task, no timer, no list.
///
/// What is stored of it is an immutable snapshot that only the store's answers replace. There are no setters: a change
/// is a [`SessionChange`], which [`Sessions::apply`](super::Sessions::apply) stores before the snapshot has it.
#[derive(Debug)]
pub(crate) struct Session {
    pub(super) id: SessionId,
    /// What stands for the id where that must not be known.
    key: u128,
    owner: Principal,
    pub(super) opened: Arc<Opened>,
    stored: ArcSwap<Stored>,
    /// Held while a change is stored, so that requests of one process do not race.
    pub(super) writer: tokio::sync::Mutex<()>,
    /// When it was last used here, in ticks of the registry.
    pub(super) seen: AtomicU64,
    /// When the store was last told that it is in use.
    pub(super) renewed: AtomicU64,
    /// When its record was last known to be the one in the store.
    pub(super) checked: AtomicU64,
    /// When a task here last began to read its record again.
    pub(super) refreshed: AtomicU64,
    pub(super) freshness: Freshness,
    /// How many requests and streams are open.
    pub(super) busy: AtomicU32,
    /// Whether it has done anything but open here.
    used: AtomicBool,
    closed: AtomicBool,
    /// Whether it was closed here alone, because the process ends.
    stopped: AtomicBool,
    /// Whether it was opened here, and its end is told from here.
    pub(super) is_ours: AtomicBool,
    state: Mutex<Option<Box<SessionState>>>,
    /// The number of the next question to the client.
    next: AtomicU64,
}

impl Session {
    pub(super) fn new(id: SessionId, owner: Principal, stored: Stored) -> Self {
        Self {
            key: id.key(),
            id,
            owner,
            opened: Arc::clone(&stored.record().opened),
            used: AtomicBool::new(stored.record().is_used),
            stored: ArcSwap::from_pointee(stored),
            writer: tokio::sync::Mutex::default(),
            seen: AtomicU64::new(0),
            renewed: AtomicU64::new(0),
            checked: AtomicU64::new(0),
            refreshed: AtomicU64::new(0),
            freshness: Freshness::default(),
            busy: AtomicU32::new(0),
            closed: AtomicBool::new(false),
            stopped: AtomicBool::new(false),
            is_ours: AtomicBool::new(false),
            state: Mutex::default(),
            next: AtomicU64::new(first_question()),
        }
    }

    /// A session of the process itself, which no store knows: the pipe is its only way in.
    pub(crate) fn local(owner: Principal, hello: Hello) -> Arc<Self> {
        Self::unkept(owner, hello, [0; 16])
    }

    /// A session that no store knows, told from others by what is unguessable in its id.
    pub(super) fn unkept(owner: Principal, hello: Hello, secret: [u8; 16]) -> Arc<Self> {
        let id = SessionId::new(0, secret);
        let record = SessionRecord::first(id.hash(), &owner, "", hello, Clock::wall().millis());
        Arc::new(Self::new(id, owner, Stored::local(record)))
    }

    /// The caller of a request in this session.
    ///
    /// The principal is the request's own: it owns the session, but its scopes may differ from one request to the next.
    pub(crate) fn caller(self: &Arc<Self>, principal: Principal) -> Caller {
        Caller {
            principal,
            revision: self.opened.revision,
            capabilities: self.opened.capabilities,
            log_level: Some(self.log_level()),
            session: Some(self.key),
            link: Some(Arc::clone(self) as Arc<dyn ClientLink>),
        }
    }

    /// The number of a new question.
    pub(super) fn next_question(&self) -> u64 {
        self.next.fetch_add(1, Ordering::Relaxed)
    }

    /// The id as the client knows it.
    pub(crate) fn id(&self) -> String {
        self.id.text()
    }

    /// What stands for the id where others may read: it cannot be used as one.
    pub(crate) fn label(&self) -> String {
        self.opened.hash.chars().take(LABEL).collect()
    }

    /// What is said of it when it ends.
    pub(crate) fn ended(&self, telemetry: &Telemetry, protocol: Option<&'static str>) {
        if let Some(meters) = telemetry.meters() {
            let mut labels = vec![KeyValue::new(attribute::PROTOCOL_VERSION, self.revision().as_str())];
            labels.extend(protocol.map(|word| KeyValue::new(attribute::NETWORK_PROTOCOL, word)));
            let age = Duration::from_millis(Clock::wall().millis().saturating_sub(self.opened.created));
            meters.session_ended(age, &labels);
        }
    }

    /// When it was opened, in milliseconds since 1970.
    pub(crate) fn created(&self) -> u64 {
        self.opened.created
    }

    /// The revision that was negotiated.
    pub(crate) fn revision(&self) -> Revision {
        self.opened.revision
    }

    /// What the client said it can do.
    #[cfg(test)]
    pub(super) fn capabilities(&self) -> ClientCapabilities {
        self.opened.capabilities
    }

    /// Who opened it.
    pub(crate) fn owner(&self) -> &Principal {
        &self.owner
    }

    /// The record as the store last had it.
    pub(super) fn stored(&self) -> Arc<Stored> {
        self.stored.load_full()
    }

    /// The least level of log messages that the client wants.
    pub(crate) fn log_level(&self) -> LogLevel {
        self.stored.load().record().log_level.unwrap_or(UNSET)
    }

    /// The resources that it subscribed to.
    pub(crate) fn subscriptions(&self) -> Vec<String> {
        self.stored.load().record().subscriptions.iter().map(std::string::ToString::to_string).collect()
    }

    /// The number of the last change that is known here.
    pub(super) fn sequence(&self) -> u64 {
        self.stored.load().record().sequence
    }

    /// Takes a snapshot over if it is newer than the one here. A read that began before a change and ends after it has
    /// a lower sequence number, and is ignored.
    pub(super) fn advance(&self, stored: Stored) {
        let stored = Arc::new(stored);
        let before = self.stored.rcu(|now| {
            let is_newer = stored.record().sequence > now.record().sequence;
            Arc::clone(if is_newer { &stored } else { now })
        });
        if stored.record().is_used {
            self.used.store(true, Ordering::Relaxed);
        }
        if before.record().subscriptions != self.stored.load().record().subscriptions {
            self.announce_subscriptions();
        }
    }

    /// Applies a change to a session that no store knows.
    ///
    /// # Errors
    /// The refusal of the record.
    pub(crate) fn apply_local(&self, change: &SessionChange, max_subscriptions: usize) -> Result<(), RpcError> {
        let record = self.stored.load().record().with(change, max_subscriptions)?;
        self.advance(Stored::local(record));
        Ok(())
    }

    /// Has what the transport keeps for the session read the subscriptions again.
    fn announce_subscriptions(&self) {
        let kept = self.state().as_ref().and_then(|state| state.kept.clone());
        if let Some(kept) = kept {
            kept.subscriptions_changed(&|| self.subscriptions());
        }
    }

    /// Notes that a request used it: from now on it does not give way as one that did nothing but open. Returns whether
    /// the store does not know that yet.
    pub(super) fn set_used(&self) -> bool {
        !self.used.load(Ordering::Relaxed) && !self.used.swap(true, Ordering::Relaxed)
    }

    /// Whether it has done anything but open.
    pub(super) fn is_used(&self) -> bool {
        self.used.load(Ordering::Relaxed)
    }

    /// What the transport keeps for as long as the session lives, if it does.
    pub(crate) fn kept<T: Kept>(&self) -> Option<Arc<T>> {
        let kept: Arc<dyn Any + Send + Sync> = self.state().as_ref()?.kept.clone()?;
        kept.downcast().ok()
    }

    /// Keeps something for as long as the session lives; what was kept before goes.
    pub(crate) fn keep<T: Kept>(&self, thing: &Arc<T>) {
        if !self.is_closed() {
            let before = self.state().get_or_insert_default().kept.replace(Arc::clone(thing) as Arc<dyn Kept>);
            drop(before);
            // A change may have come in before there was anything to announce it to.
            thing.subscriptions_changed(&|| self.subscriptions());
        }
    }

    /// Another replica reads a stream from now on: readers here end, and what the transport keeps for the stream that
    /// belongs to no request goes.
    pub(super) fn hand_over(&self, token: Token) {
        let Some(channel) = self.channel(token) else { return };
        channel.hand_over();
        if channel.is_afar() || token == Token::STANDALONE {
            self.remove_stream(token);
        }
        if token == Token::STANDALONE {
            let mut kept = None;
            self.change(|state| kept = state.kept.take());
            drop(kept);
        }
    }

    /// Adds a stream, which ends with the session.
    pub(crate) fn add_stream(&self, token: Token, channel: &Arc<Channel>) {
        self.state().get_or_insert_default().streams.push((token, Arc::clone(channel)));
        if self.is_closed() {
            channel.end();
        }
    }

    pub(super) fn remove_stream(&self, token: Token) {
        self.change(|state| state.streams.retain(|(other, _)| *other != token));
    }

    pub(super) fn channel(&self, token: Token) -> Option<Arc<Channel>> {
        let guard = self.state();
        let streams = &guard.as_ref()?.streams;
        streams.iter().find(|(other, _)| *other == token).map(|(_, channel)| Arc::clone(channel))
    }

    /// How many requests and streams of it are open.
    pub(super) fn held(&self) -> u32 {
        self.busy.load(Ordering::Relaxed)
    }

    /// Whether nothing of it is open.
    pub(crate) fn is_idle(&self) -> bool {
        self.busy.load(Ordering::Relaxed) == 0
    }

    /// Whether it has ended.
    pub(crate) fn is_closed(&self) -> bool {
        self.closed.load(Ordering::Acquire)
    }

    /// Ends the readers of streams that other replicas write.
    pub(super) fn let_readers_go(&self) {
        let state = self.state();
        let streams = state.iter().flat_map(|state| &state.streams);
        for (_, channel) in streams.filter(|(_, channel)| channel.is_afar()) {
            channel.end();
        }
    }

    /// Ends it here because the process ends: its calls end in an error that says so.
    pub(super) fn stop(&self) {
        self.stopped.store(true, Ordering::Release);
    }

    /// Whether it was closed here because the process ends.
    pub(crate) fn is_stopped(&self) -> bool {
        self.stopped.load(Ordering::Acquire)
    }

    /// Ends it: calls are given up, questions fail, streams end. Says whether it was open.
    pub(crate) fn close(&self) -> bool {
        let was_open = !self.closed.swap(true, Ordering::AcqRel);
        let state = self.state().take();
        if let Some(state) = state {
            state.end(self.is_stopped());
        }
        was_open
    }

    /// Changes the lists if there are any, and gives their memory back once they are empty.
    pub(super) fn change(&self, change: impl FnOnce(&mut SessionState)) {
        let mut guard = self.state();
        if let Some(state) = guard.as_deref_mut() {
            change(state);
            if state.is_idle() {
                *guard = None;
            }
        }
    }

    pub(super) fn state(&self) -> MutexGuard<'_, Option<Box<SessionState>>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Questions are numbered from a random number on: two replicas, or a process and the one before it, never meet. JSON
/// keeps all of them whole.
fn first_question() -> u64 {
    u64::from_be_bytes(random::bytes()) >> 13 | 1 << 40
}
