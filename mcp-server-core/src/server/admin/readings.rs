//! The state of readiness, as the server's own runtime finds it: connections to the store belong to that runtime.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{mpsc, oneshot};

use crate::background;
use crate::server::health::{Condition, Details, Readiness};

/// Those who wait for a reading at most.
const WAITING: usize = 64;
/// The time that the server has beyond the time of its store.
const BEYOND: Duration = Duration::from_secs(1);

/// Asks for the state of readiness.
#[derive(Clone, Debug)]
pub(super) struct Readings {
    condition: Arc<Condition>,
    ask: mpsc::Sender<oneshot::Sender<Details>>,
}

impl Readings {
    /// Begins to read on the runtime that calls this.
    pub(super) fn start(condition: Arc<Condition>) -> Self {
        let (ask, asked) = mpsc::channel(WAITING);
        // It ends with the last of those who can ask.
        drop(background::spawn("readiness", answer(Arc::clone(&condition), asked)));
        Self { condition, ask }
    }

    /// Whether the server should get requests now.
    pub(super) async fn readiness(&self) -> Readiness {
        if self.condition.is_draining() {
            return Readiness::Draining;
        }
        self.details().await.readiness()
    }

    /// The same with all that it depends on. A server that is too busy to say counts as one whose store does not answer.
    pub(super) async fn details(&self) -> Details {
        let (reply, read) = oneshot::channel();
        let asked = async {
            self.ask.send(reply).await.ok()?;
            read.await.ok()
        };
        let within = self.condition.store_timeout() + BEYOND;
        let details = tokio::time::timeout(within, asked).await;
        details.ok().flatten().unwrap_or_else(|| self.condition.unanswered())
    }
}

async fn answer(condition: Arc<Condition>, mut asked: mpsc::Receiver<oneshot::Sender<Details>>) {
    while let Some(first) = asked.recv().await {
        let details = condition.details().await;
        // Who asked meanwhile gets the same: it is of now.
        let mut next = Some(first);
        while let Some(reply) = next {
            let _gone = reply.send(details);
            next = asked.try_recv().ok();
        }
    }
}
