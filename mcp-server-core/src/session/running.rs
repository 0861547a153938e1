//! Requests of a session that run: each can be cancelled by its id.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use tokio_util::sync::CancellationToken;

use super::session::Session;
use crate::protocol::RequestId;

/// A request id that is in use by another request of the session that still runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Duplicate;

impl Session {
    /// Enters a request that runs, so that it can be cancelled by its id until the guard is dropped.
    ///
    /// # Errors
    /// [`Duplicate`] if a request of this id runs already (basic, Requests).
    pub(crate) fn begin(self: &Arc<Self>, id: &RequestId) -> Result<Hold, Duplicate> {
        let token = CancellationToken::new();
        let mut guard = self.state();
        let running = &mut guard.get_or_insert_default().running;
        if running.iter().any(|(other, _)| other == id) {
            return Err(Duplicate);
        }
        running.push((id.clone(), token.clone()));
        drop(guard);
        if self.is_closed() {
            token.cancel();
        }
        Ok(self.hold_with(Some(id.clone()), token))
    }

    /// Whether a request of this id runs.
    pub(crate) fn is_running(&self, id: &RequestId) -> bool {
        self.state().as_ref().is_some_and(|state| state.running.iter().any(|(other, _)| other == id))
    }

    /// Gives a running request up; says whether there was one.
    pub(crate) fn cancel(&self, id: &RequestId) -> bool {
        let guard = self.state();
        let token = guard.as_ref().and_then(|state| state.running.iter().find(|(other, _)| other == id));
        let token = token.map(|(_, token)| token.clone());
        drop(guard);
        token.inspect(CancellationToken::cancel).is_some()
    }

    /// Keeps the session from expiring while something of it is open.
    pub(crate) fn hold(self: &Arc<Self>) -> Hold {
        self.hold_with(None, CancellationToken::new())
    }

    fn hold_with(self: &Arc<Self>, id: Option<RequestId>, token: CancellationToken) -> Hold {
        self.busy.fetch_add(1, Ordering::Relaxed);
        Hold { session: Arc::clone(self), id, token }
    }
}

/// Something of a session that is open: a request that runs, or a stream.
#[derive(Debug)]
pub(crate) struct Hold {
    session: Arc<Session>,
    id: Option<RequestId>,
    token: CancellationToken,
}

impl Hold {
    /// The session.
    pub(crate) fn session(&self) -> &Arc<Session> {
        &self.session
    }

    /// Ends when the request is given up.
    pub(crate) async fn cancelled(&self) {
        self.token.cancelled().await;
    }
}

impl Drop for Hold {
    fn drop(&mut self) {
        self.session.busy.fetch_sub(1, Ordering::Relaxed);
        if let Some(id) = &self.id {
            self.session.change(|state| state.running.retain(|(other, _)| other != id));
        }
    }
}
