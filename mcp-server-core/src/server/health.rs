//! Whether a server is ready: its store answers, it has the keys of most replicas, and it does not drain.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use tokio::sync::Mutex;
use tokio::time::Instant;

use super::keys::Agreement;
use crate::store::{Health, Store};
use crate::telemetry::{Telemetry, instruments};

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
    agreement: Agreement,
    draining: AtomicBool,
    /// When the store was asked last, and whether it answered. Who asks meanwhile waits for the same answer.
    asked: Mutex<Option<(Instant, bool)>>,
}

impl Condition {
    pub(super) fn new(store: Store, agreement: Agreement) -> Self {
        Self { store, agreement, draining: AtomicBool::new(false), asked: Mutex::new(None) }
    }

    /// Has readiness read whenever somebody looks at the metrics, as far as it is known without asking the store.
    pub(super) fn measure(self: &Arc<Self>, telemetry: &Telemetry) {
        let Some(meters) = telemetry.meters() else { return };
        meters.watch(&instruments::READY, Arc::downgrade(self), |condition| {
            let ready = !condition.draining.load(Ordering::Acquire)
                && condition.store.health() != Health::Down
                && condition.agreement.holds();
            vec![(Vec::new(), f64::from(u8::from(ready)))]
        });
    }

    /// Notes that the server is about to end.
    pub(super) fn drain(&self) {
        self.draining.store(true, Ordering::Release);
    }

    /// Whether the server should get requests now; the answer comes within the store's deadline.
    pub(super) async fn readiness(&self) -> Readiness {
        if self.is_draining() {
            return Readiness::Draining;
        }
        self.details().await.readiness()
    }

    /// The same with all that it depends on.
    pub(super) async fn details(&self) -> Details {
        Details {
            engine: self.store.engine(),
            answers: self.store_answers().await,
            agree: self.agreement.holds(),
            draining: self.is_draining(),
        }
    }

    fn is_draining(&self) -> bool {
        self.draining.load(Ordering::Acquire)
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
        (Condition::new(store, agreement), interruption)
    }

    #[tokio::test]
    async fn a_server_without_its_store_is_not_ready_and_becomes_so_by_itself() {
        let (condition, interruption) = condition().await;
        assert_eq!(condition.readiness().await, Readiness::Ready);
        interruption.hang();
        while condition.readiness().await != Readiness::Store {
            tokio::task::yield_now().await;
        }
        interruption.end();
        while condition.readiness().await != Readiness::Ready {
            tokio::task::yield_now().await;
        }
        condition.drain();
        assert_eq!(condition.readiness().await, Readiness::Draining);
    }

    #[tokio::test]
    async fn however_many_ask_the_store_is_asked_once() {
        let (condition, interruption) = condition().await;
        interruption.fail();
        let all = futures_util::future::join_all((0..100).map(|_| condition.readiness())).await;
        assert!(all.iter().all(|readiness| *readiness == Readiness::Store));
        assert_eq!(condition.store.health(), Health::Up, "one failure is not several");
    }
}
