//! How long a store is waited for: each operation up to a deadline, and not at all while the engine is known to be away.

use std::sync::{Arc, Weak};
use std::task::Poll;
use std::time::Duration;

use thiserror::Error;
use tokio::sync::watch;

use super::breaker::{Breaker, Health};
use super::engine::Engine;
use super::error::{StoreError, StoreErrorKind};
use super::reply::Reply;

/// The pauses between probes of an engine that is away, from the first to the longest.
const PAUSES: (Duration, Duration) = (Duration::from_millis(50), Duration::from_secs(1));

/// An engine that answers in time or not at all.
#[derive(Debug)]
pub(super) struct Patient {
    pub(super) engine: Arc<dyn Engine>,
    deadline: Duration,
    breaker: Breaker,
}

/// Why there is no answer.
#[derive(Debug, Error)]
enum Silence {
    #[error("it gave no answer within {} s", .0.as_secs_f64())]
    Late(Duration),
    #[error("it gave none to the calls before, and is being probed")]
    Away,
}

impl Patient {
    pub(super) fn new(engine: Arc<dyn Engine>, deadline: Duration) -> Arc<Self> {
        Arc::new(Self { engine, deadline, breaker: Breaker::new() })
    }

    /// What is known of the engine now.
    pub(super) fn health(&self) -> Health {
        self.breaker.health()
    }

    /// The health as it changes.
    pub(super) fn watch(&self) -> watch::Receiver<Health> {
        self.breaker.watch()
    }

    /// The answer to an operation, unless the engine is away. An operation that was given up may still be done.
    pub(super) async fn ask<'a, T>(self: &'a Arc<Self>, ask: impl FnOnce(&'a dyn Engine) -> Reply<'a, T>) -> Answered<T> {
        if self.breaker.is_open() {
            return Err(self.silence(Silence::Away));
        }
        let answer = self.wait(ask(&*self.engine)).await;
        self.judge(&answer);
        answer
    }

    /// Whether the engine answers now; it is asked even if it did not before.
    pub(super) async fn ping(self: &Arc<Self>) -> Answered<()> {
        let answer = self.wait(self.engine.ping()).await;
        self.judge(&answer);
        answer
    }

    /// Closes the engine.
    pub(super) async fn close(&self) -> Answered<()> {
        self.breaker.retire();
        self.wait(self.engine.close()).await
    }

    /// An engine that answers at once costs no timer.
    async fn wait<T>(&self, mut reply: Reply<'_, T>) -> Answered<T> {
        match std::future::poll_fn(|context| Poll::Ready(reply.as_mut().poll(context))).await {
            Poll::Ready(answer) => answer,
            Poll::Pending => match tokio::time::timeout(self.deadline, reply).await {
                Ok(answer) => answer,
                Err(_) => Err(self.silence(Silence::Late(self.deadline))),
            },
        }
    }

    fn judge<T>(self: &Arc<Self>, answer: &Answered<T>) {
        match answer {
            Err(error) if error.kind() == StoreErrorKind::Unavailable => {
                if self.breaker.failed() {
                    let engine = self.engine.name();
                    tracing::error!(target: "mcp_server::store", engine, %error, source = source(error),
                        "the store is away: until it answers a probe, what needs it fails at once");
                    drop(tokio::spawn(probe(Arc::downgrade(self))));
                }
            }
            // Whatever it says, it answers.
            _ => self.breaker.answered(),
        }
    }

    fn silence(&self, silence: Silence) -> StoreError {
        StoreError::Unavailable { engine: self.engine.name(), source: Box::new(silence) }
    }
}

type Answered<T> = Result<T, StoreError>;

/// Asks an engine that is away until it answers, or nobody needs it any more.
async fn probe(patient: Weak<Patient>) {
    let (mut pause, longest) = PAUSES;
    loop {
        {
            let Some(patient) = patient.upgrade() else { return };
            if !patient.breaker.is_open() {
                return;
            }
            if patient.wait(patient.engine.ping()).await.is_ok() {
                patient.breaker.close();
                tracing::info!(target: "mcp_server::store", engine = patient.engine.name(), "the store answers again");
                return;
            }
        }
        tokio::time::sleep(pause).await;
        pause = (pause * 2).min(longest);
    }
}

fn source(error: &StoreError) -> String {
    std::error::Error::source(error).map(ToString::to_string).unwrap_or_default()
}
