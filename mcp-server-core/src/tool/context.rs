//! `Context`: what a call knows of itself, and how it reaches its caller.

use std::any::TypeId;
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use bytes::Bytes;
use http::HeaderMap;
use serde_json::{Value, json};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use super::caller::Caller;
use super::outbox::Outbox;
use super::reported::Reported;
use super::rounds::Inputs;
use super::surroundings::{Change, Surroundings};
use super::task::TaskMode;
use crate::principal::Principal;
use crate::protocol::{ClientCapabilities, LogLevel, RequestId, Revision};
use crate::telemetry::{Scope, propagation};

/// The context of one call: its caller, its deadline, and the way to its client and its server.
///
/// It is a handle: cheap to clone, and good until the call ends.
#[derive(Clone, Debug)]
pub struct Context(Arc<Shared>);

/// What the parts of a call share.
#[derive(Debug)]
pub(crate) struct Shared {
    pub(crate) caller: Caller,
    pub(crate) request_id: RequestId,
    pub(crate) meta: Option<Bytes>,
    pub(crate) progress_token: Option<Bytes>,
    pub(crate) reported: Reported,
    pub(crate) outbox: Outbox,
    pub(crate) inputs: Inputs,
    pub(crate) surroundings: Arc<dyn Surroundings>,
    pub(crate) task: TaskMode,
    pub(crate) started: Instant,
    pub(crate) timeout: Duration,
    /// Milliseconds that the call spent waiting for its client's user: they do not count against its deadline.
    pub(crate) waited: AtomicU64,
    /// How many questions wait for their answer now.
    pub(crate) waiting: AtomicU32,
    cancellation: OnceLock<CancellationToken>,
    pub(crate) scope: Scope,
}

/// What a call starts from.
#[derive(Debug)]
pub(crate) struct Start {
    pub(crate) caller: Caller,
    pub(crate) request_id: RequestId,
    pub(crate) meta: Option<Bytes>,
    pub(crate) progress_token: Option<Bytes>,
    pub(crate) inputs: Inputs,
    pub(crate) surroundings: Arc<dyn Surroundings>,
    pub(crate) task: TaskMode,
    pub(crate) timeout: Duration,
    pub(crate) scope: Scope,
}

impl Context {
    pub(crate) fn new(start: Start) -> Self {
        Self(Arc::new(Shared {
            caller: start.caller,
            request_id: start.request_id,
            meta: start.meta,
            progress_token: start.progress_token,
            reported: Reported::default(),
            outbox: Outbox::default(),
            inputs: start.inputs,
            surroundings: start.surroundings,
            task: start.task,
            started: Instant::now(),
            timeout: start.timeout,
            waited: AtomicU64::new(0),
            waiting: AtomicU32::new(0),
            cancellation: OnceLock::new(),
            scope: start.scope,
        }))
    }

    pub(crate) fn shared(&self) -> &Shared {
        &self.0
    }

    /// Who calls.
    pub fn principal(&self) -> &Principal {
        &self.0.caller.principal
    }

    /// Which revision the caller speaks.
    pub fn revision(&self) -> Revision {
        self.0.caller.revision
    }

    /// What the caller's client can do.
    pub fn client(&self) -> ClientCapabilities {
        self.0.caller.capabilities
    }

    /// The request's id as JSON text.
    pub fn request_id(&self) -> &str {
        self.0.request_id.as_json()
    }

    /// The id under which the log has more about this call; a client sees it in errors.
    pub fn correlation_id(&self) -> &str {
        self.0.scope.reference(crate::store::seal::random_id)
    }

    /// Tells of this call under the id of the one whose answer it gets.
    pub(crate) fn correlate(&self, reference: String) {
        self.0.scope.reference(|| reference);
    }

    /// The request's `_meta`, or `null`.
    pub fn meta(&self) -> Value {
        self.0.meta.as_ref().and_then(|text| serde_json::from_slice(text).ok()).unwrap_or(Value::Null)
    }

    /// How much time the call has left.
    pub fn remaining(&self) -> Duration {
        let waited = Duration::from_millis(self.0.waited.load(Ordering::Relaxed));
        self.0.timeout.saturating_add(waited).saturating_sub(self.0.started.elapsed())
    }

    /// Sends a log message to the client, if it asked for messages of this level (server/utilities/logging).
    ///
    /// Secrets and personal data must not be in it. For the operator's log use `tracing`.
    pub fn log(&self, level: LogLevel, data: impl Into<Value>) {
        if self.0.caller.log_level.is_none_or(|least| level < least) {
            return;
        }
        let message = json!({
            "jsonrpc": "2.0",
            "method": "notifications/message",
            "params": { "level": level.as_str(), "data": data.into() },
        });
        self.0.outbox.push_hint(Bytes::from(message.to_string()));
    }

    /// The trace that the call is part of, as headers for a request to somebody else: `traceparent`, `tracestate` and
    /// `baggage` (W3C Trace Context, W3C Baggage); none outside of a trace.
    ///
    /// Requests of `reqwest` take them along with [`SendTraced`](crate::tool::SendTraced).
    pub fn trace_headers(&self) -> HeaderMap {
        propagation::headers(self.0.scope.context())
    }

    /// State of the server, as `State<T>` injects it.
    pub fn state<T: Clone + Send + Sync + 'static>(&self) -> Option<T> {
        self.0.surroundings.state(TypeId::of::<T>()).and_then(|state| state.downcast_ref::<T>()).cloned()
    }

    /// Tells subscribers that a resource changed.
    pub fn resource_updated(&self, uri: impl Into<String>) {
        self.0.surroundings.announce(Change::Resource(uri.into()));
    }

    /// Lets the client's connection go while the call goes on: its stream is closed, and the client comes back for the
    /// rest after a moment (basic/transports, Streamable HTTP, of 2025-11-25: polling).
    ///
    /// For calls that take minutes, so that they hold no connection. It does nothing where clients do not come back:
    /// over stdio, and in other revisions.
    pub fn release_connection(&self) {
        if self.0.caller.link.is_some() && self.0.caller.revision.has_polling() {
            self.0.outbox.release();
        }
    }

    /// Whether the call was given up.
    pub fn is_cancelled(&self) -> bool {
        self.cancellation().is_cancelled()
    }

    pub(crate) fn cancellation(&self) -> CancellationToken {
        self.0.cancellation.get_or_init(CancellationToken::new).clone()
    }

    /// Tells whoever listens that the call is over or was given up.
    pub(crate) fn cancel(&self) {
        if let Some(token) = self.0.cancellation.get() {
            token.cancel();
        }
    }
}
