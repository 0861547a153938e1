//! What the listener answers from.

use std::net::SocketAddr;
use std::sync::{Arc, Weak};
use std::time::{Duration, Instant, SystemTime};

use axum::http::HeaderMap;
use axum::http::header::AUTHORIZATION;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::page::Document;
use super::readings::Readings;
use super::token::{Brought, Token};
use crate::dispatch::Service;
use crate::guard::attempts::Attempts;
use crate::guard::origin::Gate;
use crate::peer::Peer;
use crate::server::config::Transport;
use crate::server::health::Condition;
use crate::session::Sessions;
use crate::telemetry::Page;

/// Requests at once at most, besides probes of life: fewer than there are connections.
const REQUESTS: usize = 48;

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
    pub(super) readings: Readings,
    /// Who guesses tokens.
    attempts: Attempts,
    /// Places for requests that are no probe of life, so that those find one whatever the others do.
    places: Arc<Semaphore>,
    started: (Instant, SystemTime),
}

impl Watched {
    pub(super) fn new(supervised: Supervised, token: Token, bound: SocketAddr, readings: Readings) -> Self {
        // Names of a listener that others reach are its operator's business; scrapers and probes use many.
        let gate = Gate::new(bound, &[], &[]);
        let started = (Instant::now(), SystemTime::now());
        Self {
            supervised,
            token,
            gate,
            document: Document::new(),
            readings,
            attempts: Attempts::default(),
            places: Arc::new(Semaphore::new(REQUESTS)),
            started,
        }
    }

    /// A place for a request that is no probe of life; `None` if all are taken.
    pub(super) fn place(&self) -> Option<OwnedSemaphorePermit> {
        Arc::clone(&self.places).try_acquire_owned().ok()
    }

    /// What a request brings. A peer that guesses is not listened to for a while.
    ///
    /// # Errors
    /// The time after which it is.
    pub(super) fn look(&self, headers: &HeaderMap, peer: Option<Peer>) -> Result<Brought, Duration> {
        let Some(peer) = peer.filter(|_| headers.contains_key(AUTHORIZATION)) else {
            return Ok(self.token.look(headers));
        };
        let given = headers.get(AUTHORIZATION).and_then(|value| value.to_str().ok()).unwrap_or_default();
        self.attempts.permit(peer, given)?;
        let brought = self.token.look(headers);
        if brought == Brought::Right {
            self.attempts.accept(given);
        } else {
            self.attempts.fail(peer);
        }
        Ok(brought)
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
