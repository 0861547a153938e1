//! What every client stands on.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use crate::book::Book;
use crate::choice::Choices;
use crate::findings::{Broken, Findings};
use crate::wire::{Balancer, Fault};

/// After the end, what was begun has this long to come to its own.
pub(crate) const CALM: Duration = Duration::from_secs(50);

/// The balancer, the findings, the book of effects, and when to stop.
#[derive(Clone, Debug)]
pub(crate) struct Ground {
    pub(crate) balancer: Balancer,
    pub(crate) address: SocketAddr,
    pub(crate) findings: Arc<Findings>,
    pub(crate) book: Book,
    /// When nothing new is begun any more.
    pub(crate) end: Instant,
    pub(crate) seed: u64,
}

impl Ground {
    /// The choices of one client.
    pub(crate) fn choices(&self, client: u64) -> Choices {
        Choices::new(self.seed, client + 1)
    }

    /// Whether nothing new is to be begun.
    pub(crate) fn is_over(&self) -> bool {
        Instant::now() >= self.end
    }

    /// Whether what was begun should have ended.
    pub(crate) fn is_overdue(&self) -> bool {
        Instant::now() >= self.end + CALM
    }

    /// Notes a fault of the wire.
    pub(crate) fn fault(&self, fault: Fault, about: &str) {
        let (what, how) = match fault {
            Fault::Hang(how) => (Broken::Hang, how),
            Fault::Cut(how) | Fault::Unstructured(how) => (Broken::Unstructured, how),
        };
        self.findings.broke(what, format!("{about}: {how}"));
    }
}
