//! Giving a request of a session up, on whichever replica it runs (basic/utilities, Cancellation).

use super::peers::Message;
use super::registry::Sessions;
use super::session::Session;
use crate::protocol::RequestId;

impl Sessions {
    /// Gives a request up; one that does not run any more, or never did, is passed over.
    pub(crate) async fn cancel(&self, session: &Session, id: &RequestId) {
        if session.cancel(id) {
            return;
        }
        if let Err(error) = self.peers.announce(session, Message::Cancelled(id.as_json().to_owned())).await {
            tracing::warn!(%error, "other replicas could not be told that a request was given up");
        }
    }
}
