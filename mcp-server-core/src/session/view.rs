//! What an operator may see of the sessions in use here: nothing that opens one, and no store is asked.

use std::sync::atomic::Ordering;
use std::time::Duration;

use super::registry::Sessions;
use super::session::Session;
use crate::protocol::Revision;

/// How many characters of a hash tell sessions apart for people.
const SHORT: usize = 8;

/// A session as an operator sees it.
#[derive(Clone, Debug)]
pub(crate) struct View {
    /// The beginning of the hash of its id.
    pub(crate) short: String,
    /// What its client calls itself.
    pub(crate) client: Box<str>,
    /// The revision that was negotiated.
    pub(crate) revision: Revision,
    /// How long ago it was opened.
    pub(crate) age: Duration,
    /// How long ago it was last used here.
    pub(crate) idle: Duration,
    /// Requests and streams of it that are open here.
    pub(crate) open: u32,
}

impl Sessions {
    /// How many sessions are in use here, and the last used of them.
    pub(crate) fn view(&self, most: usize) -> (usize, Vec<View>) {
        let mut all: Vec<_> = self.here().filter(|session| !session.is_closed()).collect();
        let count = all.len();
        all.sort_by_key(|session| std::cmp::Reverse(session.seen.load(Ordering::Relaxed)));
        (count, all.iter().take(most).map(|session| self.seen(session)).collect())
    }

    fn seen(&self, session: &Session) -> View {
        let age = Duration::from_millis(self.now().saturating_sub(session.opened.created));
        let idle = self.ticks().saturating_sub(session.seen.load(Ordering::Relaxed));
        View {
            short: session.opened.hash.chars().take(SHORT).collect(),
            client: session.opened.client.clone(),
            revision: session.revision(),
            age,
            idle: Duration::from_millis(idle).min(age),
            open: session.held(),
        }
    }
}
