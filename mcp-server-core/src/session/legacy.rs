//! A session: what `initialize` opened, and what goes on in it.

use std::any::Any;
use std::sync::atomic::{AtomicBool, AtomicU8, AtomicU32, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use opentelemetry::KeyValue;
use tokio_util::sync::CancellationToken;

use super::channel::Channel;
use super::id::SessionId;
use super::live::{Kept, Live};
use super::opening::Hello;
use super::token::Token;
use crate::principal::Principal;
use crate::protocol::{ClientCapabilities, LogLevel, RequestId, Revision};
use crate::store::Clock;
use crate::store::seal::random;
use crate::telemetry::Telemetry;
use crate::telemetry::semconv::attribute;
use crate::tool::{Caller, ClientLink};

/// Until a client sets a level the server chooses (server/utilities/logging of 2025-11-25).
pub(super) const UNSET: LogLevel = LogLevel::Info;

/// How many characters of the hash of an id others may read.
const LABEL: usize = 12;

const LEVELS: [LogLevel; 8] = [
    LogLevel::Debug,
    LogLevel::Info,
    LogLevel::Notice,
    LogLevel::Warning,
    LogLevel::Error,
    LogLevel::Critical,
    LogLevel::Alert,
    LogLevel::Emergency,
];

/// A legacy session. An idle one is this and nothing else: no task, no timer, no list.
#[derive(Debug)]
pub(crate) struct Session {
    pub(super) id: SessionId,
    /// What stands for the id where that must not be known.
    key: u128,
    owner: Principal,
    revision: Revision,
    capabilities: ClientCapabilities,
    pub(super) client: Box<str>,
    pub(super) created: u64,
    log_level: AtomicU8,
    /// When it was last used, in seconds of the registry's clock.
    pub(super) seen: AtomicU32,
    /// When the store was last told so.
    pub(super) written: AtomicU32,
    /// How many requests and streams are open.
    busy: AtomicU32,
    closed: AtomicBool,
    /// Whether it was closed here alone, because the process ends.
    stopped: AtomicBool,
    /// Whether it was opened here, and its end is told from here.
    pub(super) is_ours: AtomicBool,
    /// When its record was last read, in epochs of the registry and in seconds of its clock.
    pub(super) epoch: AtomicU32,
    pub(super) checked: AtomicU32,
    /// What the store keeps, as this process last saw it.
    pub(super) saved: Mutex<Saved>,
    live: Mutex<Option<Box<Live>>>,
    /// The number of the next question to the client.
    next: AtomicU64,
}

/// The versions of what the store keeps of a session.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Saved {
    /// Of its record.
    pub(super) version: u64,
    /// The seat among its owner's sessions, and its version.
    pub(super) seat: Option<(u32, u64)>,
}

/// A request id that is in use by another request of the session that still runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Duplicate;

impl Session {
    pub(super) fn new(id: SessionId, owner: Principal, hello: Hello, created: u64) -> Self {
        Self {
            key: id.key(),
            id,
            owner,
            revision: hello.revision,
            capabilities: hello.capabilities,
            client: hello.client,
            created,
            log_level: AtomicU8::new(UNSET as u8),
            seen: AtomicU32::new(0),
            written: AtomicU32::new(0),
            busy: AtomicU32::new(0),
            closed: AtomicBool::new(false),
            stopped: AtomicBool::new(false),
            is_ours: AtomicBool::new(false),
            epoch: AtomicU32::new(0),
            checked: AtomicU32::new(0),
            saved: Mutex::default(),
            live: Mutex::default(),
            next: AtomicU64::new(first_question()),
        }
    }

    /// A session of the process itself, which no store knows: the pipe is its only way in.
    pub(crate) fn local(owner: Principal, hello: Hello) -> Arc<Self> {
        Self::unkept(owner, hello, [0; 16])
    }

    /// A session that no store knows, told from others by what is unguessable in its id.
    pub(super) fn unkept(owner: Principal, hello: Hello, secret: [u8; 16]) -> Arc<Self> {
        Arc::new(Self::new(SessionId::new(0, secret), owner, hello, Clock::wall().millis()))
    }

    /// The caller of a request in this session.
    ///
    /// The principal is the request's own: it owns the session, but its scopes may differ from one request to the next.
    pub(crate) fn caller(self: &Arc<Self>, principal: Principal) -> Caller {
        Caller {
            principal,
            revision: self.revision,
            capabilities: self.capabilities,
            log_level: self.log_level(),
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
        let mut hash = self.id.hash();
        hash.truncate(LABEL);
        hash
    }

    /// When it was opened, in milliseconds since 1970.
    pub(crate) fn created(&self) -> u64 {
        self.created
    }

    /// How long it has lived.
    pub(super) fn life(&self) -> Duration {
        Duration::from_millis(Clock::wall().millis().saturating_sub(self.created))
    }

    /// What is said of it when it ends.
    pub(crate) fn ended(&self, telemetry: &Telemetry, protocol: Option<&'static str>) {
        if let Some(meters) = telemetry.meters() {
            let mut labels = vec![KeyValue::new(attribute::PROTOCOL_VERSION, self.revision.as_str())];
            labels.extend(protocol.map(|word| KeyValue::new(attribute::NETWORK_PROTOCOL, word)));
            meters.session_ended(self.life(), &labels);
        }
    }

    /// The revision that was negotiated.
    pub(crate) fn revision(&self) -> Revision {
        self.revision
    }

    /// What the client said it can do.
    pub(super) fn capabilities(&self) -> ClientCapabilities {
        self.capabilities
    }

    /// Who opened it.
    pub(crate) fn owner(&self) -> &Principal {
        &self.owner
    }

    /// The least level of log messages that the client wants.
    pub(super) fn log_level(&self) -> Option<LogLevel> {
        LEVELS.get(usize::from(self.log_level.load(Ordering::Relaxed))).copied()
    }

    /// Sets the least level of log messages.
    pub(super) fn set_log_level(&self, level: LogLevel) {
        self.log_level.store(level as u8, Ordering::Relaxed);
    }

    /// The resources that it subscribed to.
    pub(crate) fn uris(&self) -> Vec<String> {
        self.live().as_ref().map(|live| live.uris.clone()).unwrap_or_default()
    }

    /// Subscribes to a resource; `false` if the session has as many as it may.
    pub(super) fn subscribe(&self, uri: String, most: usize) -> bool {
        let mut guard = self.live();
        let uris = &mut guard.get_or_insert_default().uris;
        if uris.contains(&uri) {
            return true;
        }
        let room = uris.len() < most;
        if room {
            uris.push(uri);
        }
        room
    }

    /// Ends the subscription to a resource.
    pub(super) fn unsubscribe(&self, uri: &str) {
        self.change(|live| live.uris.retain(|other| other != uri));
    }

    /// Enters a request that runs, so that it can be cancelled by its id until the guard is dropped.
    ///
    /// # Errors
    /// [`Duplicate`] if a request of this id runs already (basic, Requests).
    pub(crate) fn begin(self: &Arc<Self>, id: &RequestId) -> Result<Hold, Duplicate> {
        let token = CancellationToken::new();
        let mut guard = self.live();
        let running = &mut guard.get_or_insert_default().running;
        if running.iter().any(|(other, _)| other == id) {
            return Err(Duplicate);
        }
        running.push((id.clone(), token.clone()));
        drop(guard);
        if self.is_closed() {
            token.cancel();
        }
        Ok(self.hold_with(Some(id.clone()), token))
    }

    /// Whether a request of this id runs.
    pub(crate) fn is_running(&self, id: &RequestId) -> bool {
        self.live().as_ref().is_some_and(|live| live.running.iter().any(|(other, _)| other == id))
    }

    /// Gives a running request up; says whether there was one.
    pub(crate) fn cancel(&self, id: &RequestId) -> bool {
        let guard = self.live();
        let token = guard.as_ref().and_then(|live| live.running.iter().find(|(other, _)| other == id));
        let token = token.map(|(_, token)| token.clone());
        drop(guard);
        token.inspect(CancellationToken::cancel).is_some()
    }

    /// Keeps the session from expiring while something of it is open.
    pub(crate) fn hold(self: &Arc<Self>) -> Hold {
        self.hold_with(None, CancellationToken::new())
    }

    fn hold_with(self: &Arc<Self>, id: Option<RequestId>, token: CancellationToken) -> Hold {
        self.busy.fetch_add(1, Ordering::Relaxed);
        Hold { session: Arc::clone(self), id, token }
    }

    /// What the transport keeps for as long as the session lives, if it does.
    pub(crate) fn kept<T: Kept>(&self) -> Option<Arc<T>> {
        let kept: Arc<dyn Any + Send + Sync> = self.live().as_ref()?.kept.clone()?;
        kept.downcast().ok()
    }

    /// Keeps something for as long as the session lives; what was kept before goes.
    pub(crate) fn keep<T: Kept>(&self, thing: &Arc<T>) {
        if !self.is_closed() {
            let before = self.live().get_or_insert_default().kept.replace(Arc::clone(thing) as Arc<dyn Kept>);
            drop(before);
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
            self.change(|live| kept = live.kept.take());
            drop(kept);
        }
    }

    /// Adds a stream, which ends with the session.
    pub(crate) fn add_stream(&self, token: Token, channel: &Arc<Channel>) {
        self.live().get_or_insert_default().streams.push((token, Arc::clone(channel)));
        if self.is_closed() {
            channel.end();
        }
    }

    pub(super) fn remove_stream(&self, token: Token) {
        self.change(|live| live.streams.retain(|(other, _)| *other != token));
    }

    pub(super) fn channel(&self, token: Token) -> Option<Arc<Channel>> {
        let guard = self.live();
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
        let live = self.live();
        let streams = live.iter().flat_map(|live| &live.streams);
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
        let live = self.live().take();
        if let Some(live) = live {
            live.end(self.is_stopped());
        }
        was_open
    }

    /// Changes the lists if there are any, and gives their memory back once they are empty.
    pub(super) fn change(&self, change: impl FnOnce(&mut Live)) {
        let mut guard = self.live();
        if let Some(live) = guard.as_deref_mut() {
            change(live);
            if live.is_idle() {
                *guard = None;
            }
        }
    }

    pub(super) fn live(&self) -> MutexGuard<'_, Option<Box<Live>>> {
        self.live.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Something of a session that is open: a request that runs, or a stream.
#[derive(Debug)]
pub(crate) struct Hold {
    session: Arc<Session>,
    id: Option<RequestId>,
    token: CancellationToken,
}

impl Hold {
    /// The session.
    pub(crate) fn session(&self) -> &Arc<Session> {
        &self.session
    }

    /// Ends when the request is given up.
    pub(crate) async fn cancelled(&self) {
        self.token.cancelled().await;
    }
}

impl Drop for Hold {
    fn drop(&mut self) {
        self.session.busy.fetch_sub(1, Ordering::Relaxed);
        if let Some(id) = &self.id {
            self.session.change(|live| live.running.retain(|(other, _)| other != id));
        }
    }
}

/// Questions are numbered from a random number on: two replicas, or a process and the one before it, never meet. JSON
/// keeps all of them whole.
fn first_question() -> u64 {
    u64::from_be_bytes(random::bytes()) >> 13 | 1 << 40
}
