//! Whether a server is ready: its store answers, it has the keys of most replicas, and it does not drain.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::Mutex;
use tokio::time::Instant;

use super::keys::Agreement;
use crate::store::{Health, Store};
use crate::telemetry::{Telemetry, instruments};
use crate::transport::http::Draining;

/// How long an answer of the store stands for all who ask.
const FRESH: Duration = Duration::from_millis(250);

/// Whether a server should get requests.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Readiness {
    /// It should.
    Ready,
    /// The store does not answer.
    Store,
    /// Its sealing keys are not those of most replicas.
    Keys,
    /// It is about to end.
    Draining,
}

impl Readiness {
    /// The one word that is said of it.
    pub(super) const fn word(self) -> &'static str {
        match self {
            Self::Ready => "ready",
            Self::Store => "store",
            Self::Keys => "keys",
            Self::Draining => "draining",
        }
    }
}

/// Everything that readiness depends on, as it is now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Details {
    /// The engine of the store.
    pub(super) engine: &'static str,
    /// Whether the store answers.
    pub(super) answers: bool,
    /// Whether the sealing keys are those of most replicas.
    pub(super) agree: bool,
    /// Whether the server is about to end.
    pub(super) draining: bool,
}

impl Details {
    /// What follows from them; a server that ends says so whatever else is wrong.
    pub(super) const fn readiness(self) -> Readiness {
        match self {
            Self { draining: true, .. } => Readiness::Draining,
            Self { answers: false, .. } => Readiness::Store,
            Self { agree: false, .. } => Readiness::Keys,
            _ => Readiness::Ready,
        }
    }
}

/// What readiness depends on.
#[derive(Debug)]
pub(super) struct Condition {
    store: Store,
    store_timeout: Duration,
    agreement: Agreement,
    draining: Draining,
    /// When the store was asked last, and whether it answered. Who asks meanwhile waits for the same answer.
    asked: Mutex<Option<(Instant, bool)>>,
}

impl Condition {
    pub(super) fn new(store: Store, store_timeout: Duration, agreement: Agreement) -> Self {
        Self { store, store_timeout, agreement, draining: Draining::default(), asked: Mutex::new(None) }
    }

    /// Has readiness read whenever somebody looks at the metrics, as far as it is known without asking the store.
    pub(super) fn measure(self: &Arc<Self>, telemetry: &Telemetry) {
        let Some(meters) = telemetry.meters() else { return };
        meters.watch(&instruments::READY, Arc::downgrade(self), |condition| {
            let ready =
                !condition.is_draining() && condition.store.health() != Health::Down && condition.agreement.holds();
            vec![(Vec::new(), f64::from(u8::from(ready)))]
        });
    }

    /// Notes that the server is about to end.
    pub(super) fn drain(&self) {
        self.draining.set();
    }

    /// Everything that readiness depends on; the answer comes within the store's deadline.
    pub(super) async fn details(&self) -> Details {
        Details {
            engine: self.store.engine(),
            answers: self.store_answers().await,
            agree: self.agreement.holds(),
            draining: self.is_draining(),
        }
    }

    /// The details of a server that could not be asked in time.
    pub(super) fn unanswered(&self) -> Details {
        Details {
            engine: self.store.engine(),
            answers: false,
            agree: self.agreement.holds(),
            draining: self.is_draining(),
        }
    }

    /// The time of one operation of the store.
    pub(super) fn store_timeout(&self) -> Duration {
        self.store_timeout
    }

    /// What tells the transport that the server is about to end.
    pub(super) fn draining(&self) -> Draining {
        self.draining.clone()
    }

    /// Whether the server is about to end.
    pub(super) fn is_draining(&self) -> bool {
        self.draining.is_set()
    }

    async fn store_answers(&self) -> bool {
        if self.store.health() == Health::Down {
            return false;
        }
        let mut asked = self.asked.lock().await;
        if let Some((_, answers)) = asked.filter(|(when, _)| when.elapsed() < FRESH) {
            return answers;
        }
        let answers = self.store.ping().await.is_ok();
        *asked = Some((Instant::now(), answers));
        answers
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::super::config::{Config, SealSecret};
    use super::super::keys::Keys;
    use super::*;
    use crate::store::contract::{Interruptible, Interruption};
    use crate::store::{Memory, Replica};

    async fn condition() -> (Condition, Interruption) {
        let (engine, interruption) = Interruptible::over(Memory::new());
        let store = Store::new(engine).within(Duration::from_millis(20));
        let mut config = Config::default();
        config.seal.keys = vec![SealSecret::new("one", "a secret of more than 32 characters")];
        let keys = Keys::configured(&config).unwrap().unwrap();
        let replica: Arc<Replica> = Replica::join(&store, Duration::from_hours(1), String::new()).await.unwrap();
        let agreement = keys.keep(store.clone(), replica).await;
        (Condition::new(store, Duration::from_millis(20), agreement), interruption)
    }

    #[tokio::test]
    async fn a_server_without_its_store_is_not_ready_and_becomes_so_by_itself() {
        let (condition, interruption) = condition().await;
        assert_eq!(condition.details().await.readiness(), Readiness::Ready);
        interruption.hang();
        while condition.details().await.readiness() != Readiness::Store {
            tokio::task::yield_now().await;
        }
        interruption.end();
        while condition.details().await.readiness() != Readiness::Ready {
            tokio::task::yield_now().await;
        }
        condition.drain();
        assert_eq!(condition.details().await.readiness(), Readiness::Draining);
    }

    #[tokio::test]
    async fn however_many_ask_the_store_is_asked_once() {
        let (condition, interruption) = condition().await;
        interruption.fail();
        let all = futures_util::future::join_all((0..100).map(|_| condition.details())).await;
        assert!(all.iter().all(|details| details.readiness() == Readiness::Store));
        assert_eq!(condition.store.health(), Health::Up, "one failure is not several");
    }
}
