//! What a session has only while something happens in it: running requests, questions to its client, open streams.

use std::any::Any;
use std::fmt;
use std::sync::Arc;

use tokio::sync::oneshot;
use tokio_util::sync::CancellationToken;

use super::channel::Channel;
use super::token::Token;
use crate::protocol::RequestId;
use crate::tool::ClientAnswer;

/// The lists of a session in use. Each is short, so each is searched from its start. None of them is stored.
#[derive(Debug, Default)]
pub(super) struct SessionState {
    /// Requests that run, and how each is given up.
    pub(super) running: Vec<(RequestId, CancellationToken)>,
    /// Questions that wait for the client's answer.
    pub(super) asked: Vec<(RequestId, oneshot::Sender<ClientAnswer>)>,
    /// Streams that are written here.
    pub(super) streams: Vec<(Token, Arc<Channel>)>,
    /// What the transport keeps here for as long as the session lives.
    pub(super) kept: Option<Arc<dyn Kept>>,
}

/// What the transport keeps for a session.
pub(crate) trait Kept: Any + fmt::Debug + Send + Sync {
    /// The session subscribes to other resources from now on. `current` reads them; called under the keeper's own lock, so
    /// that a late call cannot bring back an older list.
    fn subscriptions_changed(&self, current: &dyn Fn() -> Vec<String>);
}

impl SessionState {
    /// Whether nothing is left that needs memory.
    pub(super) fn is_idle(&self) -> bool {
        self.running.is_empty() && self.asked.is_empty() && self.streams.is_empty() && self.kept.is_none()
    }

    /// Ends all of it: calls are given up, questions fail, readers of streams stop. Where the process `stopped`, a stream
    /// that is written here is left to its writer, which has a last word for its reader.
    pub(super) fn end(self, stopped: bool) {
        for (_, token) in self.running {
            token.cancel();
        }
        for (token, channel) in self.streams {
            if !stopped || channel.is_afar() || token == Token::STANDALONE {
                channel.end();
            }
        }
    }
}
