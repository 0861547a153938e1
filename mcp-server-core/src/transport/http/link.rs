//! Links: the open streams, and what has been said on each.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

use bytes::Bytes;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc};

use crate::dispatch::Service;
use crate::dispatch::subscriptions::{Filter, Listener};
use crate::principal::Principal;
use crate::session::{Session, SessionLimits};
use crate::store::seal::random_id;

/// How many messages wait for a slow reader before those who send wait too.
const WAITING: usize = 64;
/// How many bytes do; a longer message waits alone.
const WAITING_BYTES: usize = 1024 * 1024;

/// The open streams by the ids in their endpoints.
#[derive(Debug, Default)]
pub(in crate::transport::http) struct Links(Mutex<HashMap<String, Arc<Link>>>);

/// One open stream.
#[derive(Debug)]
pub(super) struct Link {
    owner: Principal,
    /// What `initialize` opened on it.
    pub(super) session: OnceLock<Arc<Session>>,
    pub(super) listener: Listener,
    down: mpsc::Sender<Sent>,
    room: Arc<Semaphore>,
}

/// A message on its way down, and the room that it takes until it is read.
#[derive(Debug)]
pub(super) struct Sent {
    pub(super) message: Bytes,
    _room: Option<OwnedSemaphorePermit>,
}

impl Links {
    /// Opens a link; none if there are as many as may be.
    pub(super) fn open(
        &self,
        service: &Service,
        limits: &SessionLimits,
        owner: &Principal,
    ) -> Option<(String, Arc<Link>, mpsc::Receiver<Sent>)> {
        let id = random_id();
        let (down, up) = mpsc::channel(WAITING);
        let room = Arc::new(Semaphore::new(WAITING_BYTES));
        let mut links = self.lock();
        let mine = links.values().filter(|link| link.owner.quota_key() == owner.quota_key()).count();
        if links.len() >= limits.max as usize || mine >= limits.max_per_principal as usize {
            return None;
        }
        let filter = Filter { tools: true, prompts: true, resources: true, uris: Vec::new() };
        let listener = service.hub.listen(filter);
        let link = Arc::new(Link { owner: owner.clone(), session: OnceLock::new(), listener, down, room });
        links.insert(id.clone(), Arc::clone(&link));
        Some((id, link, up))
    }

    /// The link of an id, if it is the principal's.
    pub(super) fn find(&self, id: &str, principal: &Principal) -> Option<Arc<Link>> {
        self.lock().get(id).filter(|link| link.owner.key() == principal.key()).cloned()
    }

    /// Ends a link: its calls are given up.
    pub(super) fn close(&self, id: &str) {
        let link = self.lock().remove(id);
        if let Some(session) = link.as_ref().and_then(|link| link.session.get()) {
            session.close();
        }
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<String, Arc<Link>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Link {
    /// Sends a message down, once there is room for it.
    pub(super) async fn send(&self, message: Bytes) {
        // A client that is gone needs no message any more.
        let bytes = u32::try_from(message.len().min(WAITING_BYTES)).unwrap_or(u32::MAX);
        let room = Arc::clone(&self.room);
        let taken = tokio::select! {
            taken = room.acquire_many_owned(bytes) => taken.ok(),
            () = self.down.closed() => return,
        };
        drop(self.down.send(Sent { message, _room: taken }).await);
    }
}
