//! What the listener answers from.

use std::net::SocketAddr;
use std::sync::{Arc, Weak};
use std::time::{Duration, Instant, SystemTime};

use super::page::Document;
use super::token::Token;
use crate::dispatch::Service;
use crate::guard::origin::Gate;
use crate::server::config::Transport;
use crate::server::health::Condition;
use crate::session::Sessions;
use crate::telemetry::Page;

/// What is supervised. The listener keeps none of it alive.
#[derive(Clone, Debug)]
pub(in crate::server) struct Supervised {
    pub(in crate::server) condition: Arc<Condition>,
    pub(in crate::server) service: Weak<Service>,
    /// The legacy sessions, where the transport has any.
    pub(in crate::server) sessions: Option<Weak<Sessions>>,
    pub(in crate::server) transport: Transport,
    /// The metrics, if anything is measured.
    pub(in crate::server) metrics: Option<Page>,
}

/// Everything that a request may need.
#[derive(Debug)]
pub(super) struct Watched {
    pub(super) supervised: Supervised,
    pub(super) token: Token,
    pub(super) gate: Gate,
    pub(super) document: Document,
    started: (Instant, SystemTime),
}

impl Watched {
    pub(super) fn new(supervised: Supervised, token: Token, bound: SocketAddr) -> Self {
        // Names of a listener that others reach are its operator's business; scrapers and probes use many.
        let gate = Gate::new(bound, &[], &[]);
        let started = (Instant::now(), SystemTime::now());
        Self { supervised, token, gate, document: Document::new(), started }
    }

    /// When it began to answer.
    pub(super) fn since(&self) -> SystemTime {
        self.started.1
    }

    /// For how long it has answered.
    pub(super) fn uptime(&self) -> Duration {
        self.started.0.elapsed()
    }
}
