//! A stream that another replica writes: what wakes its reader, and how it finds that the writer is gone.

use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use crate::session::Session;
use crate::session::channel::Channel;
use crate::session::peers::Peers;
use crate::session::token::Token;
use crate::store::{Event, Keep, Subscription};

/// What a writer publishes to have the reader of now end.
pub(super) const RELEASE: &[u8] = b"release";

/// What a reader holds of a stream that is written elsewhere.
#[derive(Debug)]
pub(in crate::session) struct Far {
    hints: Subscription,
    peers: Arc<Peers>,
    session: Arc<Session>,
    token: Token,
    channel: Arc<Channel>,
    number: u64,
    keep: Keep,
    over: bool,
}

impl Far {
    /// Reads a stream from here on; older readers in this process end. `hints` tell that there is more.
    pub(in crate::session) fn new(
        hints: Subscription,
        peers: &Arc<Peers>,
        session: &Arc<Session>,
        token: Token,
        keep: Keep,
    ) -> Self {
        let channel = session.channel(token).filter(|channel| channel.is_afar()).unwrap_or_else(|| {
            let channel = Arc::new(Channel::afar());
            session.add_stream(token, &channel);
            channel
        });
        let number = channel.enter();
        let (peers, session) = (Arc::clone(peers), Arc::clone(session));
        Self { hints, peers, session, token, channel, number, keep, over: false }
    }

    /// Whether its reader is to end now that it has read what there was.
    pub(super) fn is_over(&self) -> bool {
        self.over || self.channel.has_ended()
    }

    pub(super) fn is_superseded(&self) -> bool {
        !self.channel.is_read_by(self.number)
    }

    pub(super) fn keep(&self) -> Keep {
        self.keep
    }

    /// Waits until there may be more, at most for a moment; says whether the replica that writes it is lost.
    pub(super) async fn wait(&mut self, worker: Option<&str>) -> bool {
        let mut changed = pin!(self.channel.changed.notified());
        changed.as_mut().enable();
        if self.channel.has_ended() || !self.channel.is_read_by(self.number) {
            return false;
        }
        let moment = (self.peers.replica().life() / 6).max(Duration::from_millis(20));
        tokio::select! {
            biased;
            event = self.hints.recv() => match event {
                Some(Event::Message(message)) => self.over = message == RELEASE,
                Some(Event::Missed(_)) => {}
                // The store is closed: the server ends.
                None => self.over = true,
            },
            () = changed => {}
            () = tokio::time::sleep(moment) => return self.is_lost(worker).await,
        }
        false
    }

    async fn is_lost(&self, worker: Option<&str>) -> bool {
        let Some(worker) = worker else { return true };
        match self.peers.replica().is_lost(worker).await {
            Ok(lost) => lost,
            Err(error) => {
                tracing::debug!(%error, "it is not known whether a replica lives");
                false
            }
        }
    }
}

impl Drop for Far {
    fn drop(&mut self) {
        if !self.is_superseded() {
            self.session.remove_stream(self.token);
        }
    }
}
