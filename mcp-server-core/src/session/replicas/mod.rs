//! Two replicas on one store: what one does is so on the other.

mod changes;
mod room;
mod sessions;
mod streams;

use std::sync::Arc;
use std::time::Duration;

use super::bus::Attached;
use super::registry::Sessions;
use super::{Hello, Session, SessionLimits};
use crate::principal::Principal;
use crate::protocol::{ClientCapabilities, Revision};
use crate::store::{Replica, Store};

/// How long a lease lives in these tests.
const LIFE: Duration = Duration::from_millis(300);

/// One replica.
struct Node {
    sessions: Arc<Sessions>,
    replica: Arc<Replica>,
    attached: Attached,
}

impl Node {
    async fn start(store: &Store) -> Self {
        Self::with(store, SessionLimits::default()).await
    }

    async fn with(store: &Store, limits: SessionLimits) -> Self {
        let replica = Replica::join(store, LIFE, String::new()).await.unwrap();
        let sessions = Sessions::replicated(store.clone(), Arc::clone(&replica), limits);
        let attached = sessions.attach().await.unwrap();
        Self { sessions, replica, attached }
    }

    async fn open(&self) -> Arc<Session> {
        self.sessions.open(hello(), &me()).await.unwrap()
    }

    /// The session of the same id, as this replica has it.
    async fn same(&self, session: &Session) -> Option<Arc<Session>> {
        self.sessions.find(&session.id(), &me()).await.unwrap()
    }

    /// Whether a session is in use here, without a look into the store.
    fn has(&self, session: &Session) -> bool {
        self.sessions.cached(&session.id(), &me()).is_some()
    }
}

fn hello() -> Hello {
    let capabilities = ClientCapabilities { sampling: true, ..ClientCapabilities::default() };
    Hello { revision: Revision::V2025_11_25, capabilities, client: "client/1.0".into() }
}

fn me() -> Principal {
    Principal::local()
}

async fn two() -> (Node, Node) {
    let store = Store::memory();
    (Node::start(&store).await, Node::start(&store).await)
}
