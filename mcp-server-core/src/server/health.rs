//! Whether a server is ready: its store answers, its replicas agree on their keys, and it does not drain.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use tokio::sync::Mutex;

use super::keys::Agreement;
use crate::store::{Health, Store};

/// How long an answer of the store stands for all who ask.
const FRESH: Duration = Duration::from_millis(250);

/// Whether a server should get requests.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Readiness {
    /// It should.
    Ready,
    /// The store does not answer.
    Store,
    /// Replicas do not open what each other seal.
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

    /// Notes that the server is about to end.
    pub(super) fn drain(&self) {
        self.draining.store(true, Ordering::Release);
    }

    /// Whether the server should get requests now; the answer comes within the store's deadline.
    pub(super) async fn readiness(&self) -> Readiness {
        if self.draining.load(Ordering::Acquire) {
            Readiness::Draining
        } else if !self.store_answers().await {
            Readiness::Store
        } else if !self.agreement.holds() {
            Readiness::Keys
        } else {
            Readiness::Ready
        }
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
