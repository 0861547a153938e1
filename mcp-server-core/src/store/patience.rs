//! How long a store is waited for: each operation up to a deadline, and not at all while the engine is known to be away.

use std::future::poll_fn;
use std::pin::pin;
use std::sync::{Arc, OnceLock, Weak};
use std::task::Poll;
use std::time::Duration;

use thiserror::Error;
use tokio::time::Instant;

use super::breaker::{Breaker, Health};
use super::clock::{Clock, span};
use super::engine::Engine;
use super::error::{Cause, StoreError, StoreErrorKind, Unsent};
use super::reply::Reply;
use crate::background;
use crate::telemetry::Meters;

/// The pauses between probes of an engine that is away, from the first to the longest.
const PAUSES: (Duration, Duration) = (Duration::from_millis(50), Duration::from_secs(1));

/// An engine that answers in time or not at all.
#[derive(Debug)]
pub(super) struct Patient {
    pub(super) engine: Arc<dyn Engine>,
    clock: Clock,
    deadline: Duration,
    breaker: Breaker,
    meters: OnceLock<Arc<Meters>>,
}

/// Why there is no answer.
#[derive(Debug, Error)]
enum Silence {
    #[error("it gave no answer within {} s", .0.as_secs_f64())]
    Late(Duration),
}

impl Patient {
    pub(super) fn new(engine: Arc<dyn Engine>, clock: Clock, deadline: Duration) -> Arc<Self> {
        Arc::new(Self { engine, clock, deadline, breaker: Breaker::new(), meters: OnceLock::new() })
    }

    /// How long an operation may take.
    pub(super) fn deadline(&self) -> Duration {
        self.deadline
    }

    /// The error of what was not done within the deadline.
    pub(super) fn late(&self) -> StoreError {
        self.unavailable(Silence::Late(self.deadline))
    }

    /// Has operations measured from now on.
    pub(super) fn measure(&self, meters: Arc<Meters>) {
        // Whoever measures first goes on.
        drop(self.meters.set(meters));
    }

    /// The clock of the store.
    pub(super) fn clock(&self) -> &Clock {
        &self.clock
    }

    /// Sets the clock by the engine's time, if the engine does not have a clock of this process.
    pub(super) async fn synchronize(self: &Arc<Self>) -> Answered<()> {
        if self.engine.clock().is_none() {
            let asked = Instant::now();
            let time = self.ask("time", |engine| engine.time()).await?;
            // The answer is as old as the way back, about half of the whole.
            self.clock.set(time.saturating_add(span(asked.elapsed() / 2)));
        }
        Ok(())
    }

    /// What is known of the engine now.
    pub(super) fn health(&self) -> Health {
        self.breaker.health()
    }

    /// The health as it changes.
    #[cfg(test)]
    pub(super) fn watch(&self) -> tokio::sync::watch::Receiver<Health> {
        self.breaker.watch()
    }

    /// The answer to an operation, unless the engine is away. An operation that was given up may still be done.
    pub(super) async fn ask<'a, T>(
        self: &'a Arc<Self>,
        operation: &'static str,
        ask: impl FnOnce(&'a dyn Engine) -> Reply<'a, T>,
    ) -> Answered<T> {
        let measured = self.meters.get().map(|meters| (meters, Instant::now()));
        let answer = if self.breaker.is_open() {
            Err(self.unavailable(Unsent("it gave none to the calls before, and is being probed")))
        } else {
            let answer = self.wait(ask(&*self.engine)).await;
            self.judge(&answer);
            answer
        };
        if let Some((meters, since)) = measured {
            let fault = answer.as_ref().err().map(|error| error.kind().as_str());
            meters.stored(self.engine.name(), operation, fault, since.elapsed());
        }
        answer
    }

    /// Whether the engine answers now; it is asked even if it did not before. If it does, everybody is let through.
    pub(super) async fn ping(self: &Arc<Self>) -> Answered<()> {
        let answer = self.wait(self.engine.ping()).await;
        if answers(&answer) {
            // As good as a probe: nobody is told that it is away after somebody was told that it is there.
            self.back();
        }
        self.judge(&answer);
        answer
    }

    /// Lets everybody through, and says so if that is news.
    fn back(&self) {
        if self.breaker.close() {
            tracing::info!(target: "mcp_server::store", engine = self.engine.name(), "the store answers again");
        }
    }

    /// Closes the engine.
    pub(super) async fn close(&self) -> Answered<()> {
        self.breaker.retire();
        self.wait(self.engine.close()).await
    }

    /// An engine that answers at once costs no timer; one that does not is asked again only when it wakes its asker.
    async fn wait<T>(&self, mut reply: Reply<'_, T>) -> Answered<T> {
        let mut late = pin!(None);
        poll_fn(|context| {
            if let Poll::Ready(answer) = reply.as_mut().poll(context) {
                return Poll::Ready(answer);
            }
            if late.is_none() {
                late.set(Some(tokio::time::sleep(self.deadline)));
            }
            match late.as_mut().as_pin_mut().map(|late| late.poll(context)) {
                Some(Poll::Ready(())) => Poll::Ready(Err(self.unavailable(Silence::Late(self.deadline)))),
                _ => Poll::Pending,
            }
        })
        .await
    }

    fn judge<T>(self: &Arc<Self>, answer: &Answered<T>) {
        match answer {
            Err(error) if error.kind() == StoreErrorKind::Unavailable => {
                if self.breaker.failed() {
                    let engine = self.engine.name();
                    tracing::error!(target: "mcp_server::store", engine, %error, source = source(error),
                        "the store is away: until it answers a probe, what needs it fails at once");
                    drop(background::spawn("store_probe", probe(Arc::downgrade(self))));
                }
            }
            // Whatever it says, it answers.
            _ => self.breaker.answered(),
        }
    }

    fn unavailable(&self, source: impl Into<Cause>) -> StoreError {
        StoreError::Unavailable { engine: self.engine.name(), source: source.into() }
    }
}

type Answered<T> = Result<T, StoreError>;

/// Whether an engine answers, be it only that it is full: then it can be read, and may be emptied.
fn answers(answer: &Answered<()>) -> bool {
    answer.as_ref().err().is_none_or(|error| error.kind() == StoreErrorKind::Full)
}

/// Asks an engine that is away until it answers, or nobody needs it any more.
async fn probe(patient: Weak<Patient>) {
    let (mut pause, longest) = PAUSES;
    loop {
        {
            let Some(patient) = patient.upgrade() else { return };
            if !patient.breaker.is_open() {
                return;
            }
            if answers(&patient.wait(patient.engine.ping()).await) {
                patient.back();
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::contract::{Interruptible, Interruption};
    use crate::store::{Keep, Memory, Offset, Store};

    fn store(deadline: Duration) -> (Store, Interruption) {
        let (engine, interruption) = Interruptible::over(Memory::new());
        (Store::new(engine).within(deadline), interruption)
    }

    fn is_away<T>(answer: Answered<T>) -> bool {
        answer.is_err_and(|error| error.kind() == StoreErrorKind::Unavailable)
    }

    #[tokio::test]
    async fn no_operation_outlives_the_deadline() {
        // Each with a store of its own: after a few of them nobody would be asked.
        let fresh = || {
            let (store, interruption) = store(Duration::from_millis(5));
            interruption.hang();
            (store, interruption)
        };
        let (s, _i) = fresh();
        assert!(is_away(s.get("a").await));
        let (s, _i) = fresh();
        assert!(is_away(s.set("a", "b", None).await));
        let (s, _i) = fresh();
        assert!(is_away(s.delete("a", None).await));
        let (s, _i) = fresh();
        assert!(is_away(s.append("a", "b", Keep::default()).await));
        let (s, _i) = fresh();
        assert!(is_away(s.read("a", Offset::START, 1).await));
        let (s, _i) = fresh();
        assert!(is_away(s.trim("a", Keep::default()).await));
        let (s, _i) = fresh();
        assert!(is_away(s.delete_stream("a").await));
        let (s, _i) = fresh();
        assert!(is_away(s.publish("a", "b").await));
        let (s, _i) = fresh();
        assert!(is_away(s.subscribe("a", 1).await));
        let (s, _i) = fresh();
        assert!(is_away(s.ping().await));
    }

    #[tokio::test]
    async fn while_the_engine_is_away_nobody_waits_for_it_and_it_comes_back_by_itself() {
        // A deadline that no test would live to see: who is answered was not made to wait.
        let (store, interruption) = store(Duration::from_hours(1));
        store.set("kept", "yes", None).await.unwrap();
        let mut health = store.watch();
        interruption.fail();
        for _ in 0..3 {
            assert!(is_away(store.get("kept").await));
        }
        assert_eq!(store.health(), Health::Down);
        interruption.hang();
        assert!(is_away(store.get("kept").await), "the engine is not asked");
        assert!(is_away(store.subscribe("a", 1).await));
        interruption.end();
        health.wait_for(|health| *health == Health::Up).await.unwrap();
        assert_eq!(store.get("kept").await.unwrap().unwrap().value, "yes");
    }

    #[tokio::test]
    async fn whoever_was_told_that_the_store_answers_is_not_refused_next() {
        let (store, interruption) = store(Duration::from_hours(1));
        interruption.fail();
        for _ in 0..3 {
            assert!(is_away(store.get("a").await));
        }
        interruption.end();
        store.ping().await.unwrap();
        assert_eq!(store.health(), Health::Up);
        store.set("a", "b", None).await.unwrap();
    }

    #[tokio::test]
    async fn a_single_failure_shuts_nobody_out() {
        let (store, interruption) = store(Duration::from_hours(1));
        for _ in 0..10 {
            interruption.fail();
            assert!(is_away(store.get("a").await));
            interruption.end();
            store.get("a").await.unwrap();
        }
        assert_eq!(store.health(), Health::Up);
    }

    #[tokio::test]
    async fn a_store_that_was_closed_is_not_probed() {
        let (store, interruption) = store(Duration::from_hours(1));
        store.close().await.unwrap();
        interruption.fail();
        for _ in 0..10 {
            assert!(is_away(store.get("a").await));
        }
        assert_eq!(store.health(), Health::Up);
    }

    #[tokio::test]
    async fn the_error_says_which_deadline_passed() {
        let (store, interruption) = store(Duration::from_millis(5));
        interruption.hang();
        let error = store.get("a").await.unwrap_err();
        assert_eq!(error.to_string(), "the memory store does not answer");
        assert_eq!(source(&error), "it gave no answer within 0.005 s");
    }
}
