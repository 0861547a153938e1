//! Upkeep: sessions in use stay, idle ones end, and the store learns of both without a write for each request.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Weak};
use std::time::Duration;

use super::apply::SessionError;
use super::change::SessionChange;
use super::registry::{Sessions, millis};
use super::session::Session;
use crate::background::BoundedTasks;

/// Tasks that read the record of a session in use again, or renew it.
static WORK: BoundedTasks = BoundedTasks::new("session_upkeep", 8192);

/// After which part of the bound a session in use is read again, so that a request rarely has to wait for that.
const READ_AGAIN: u64 = 2;
/// How long a failed renewal is not tried again.
const AGAIN: Duration = Duration::from_secs(1);
/// The least and the longest time between two sweeps.
const SWEEPS: (Duration, Duration) = (Duration::from_millis(250), Duration::from_secs(30));
/// How many places are swept before other tasks get their turn.
const SWEPT_AT_ONCE: usize = 1024;

impl Sessions {
    /// Notes that a session is in use, and has the store told now and then.
    pub(crate) fn touch(self: &Arc<Self>, session: &Arc<Session>) {
        self.touch_at(session, self.ticks());
    }

    pub(super) fn touch_at(self: &Arc<Self>, session: &Arc<Session>, now: u64) {
        session.seen.store(now, Ordering::Relaxed);
        if let Some(bound) = self.bound()
            && is_due(&session.refreshed, now, bound / READ_AGAIN)
        {
            let (sessions, session) = (Arc::clone(self), Arc::clone(session));
            WORK.spawn(async move {
                if let Err(error) = sessions.refresh(&session).await {
                    tracing::debug!(%error, "the record of a session could not be read again");
                }
            });
        }
        if is_due(&session.renewed, now, self.renewal()) {
            self.renew(session);
        }
    }

    /// Notes that a request used a session: it does not give way any more as one that did nothing but open.
    pub(crate) fn set_used(self: &Arc<Self>, session: &Arc<Session>) {
        if session.set_used() {
            self.renew(session);
        }
    }

    /// How long a session is used before the store is told again, in milliseconds.
    fn renewal(&self) -> u64 {
        (millis(self.limits.idle_timeout) / 4).max(1)
    }

    fn renew(self: &Arc<Self>, session: &Arc<Session>) {
        let (sessions, renewed) = (Arc::clone(self), Arc::clone(session));
        let started = WORK.spawn(async move {
            match sessions.apply(&renewed, &SessionChange::Renew).await {
                Ok(()) | Err(SessionError::Ended) => {}
                Err(error) => {
                    sessions.renew_soon(&renewed);
                    tracing::warn!(%error, "the store could not be told that a session is in use");
                }
            }
        });
        if started.is_none() {
            self.renew_soon(session);
        }
    }

    /// Has the next use renew a session soon: until the store knows of the use, the session may give way or expire.
    fn renew_soon(&self, session: &Session) {
        let due = (self.ticks() + millis(AGAIN)).saturating_sub(self.renewal());
        session.renewed.fetch_min(due, Ordering::Relaxed);
    }

    /// Ends the sessions here that have been idle for too long, until the registry is gone. The store forgets them by
    /// itself.
    pub(super) async fn sweep_regularly(sessions: Weak<Self>) {
        loop {
            let Some(every) = sessions.upgrade().map(|sessions| sessions.limits.idle_timeout / 8) else { return };
            tokio::time::sleep(every.clamp(SWEEPS.0, SWEEPS.1)).await;
            let Some(sessions) = sessions.upgrade() else { return };
            for places in sessions.places.chunks(SWEPT_AT_ONCE) {
                let now = sessions.ticks();
                for session in places.iter().filter_map(arc_swap::ArcSwapOption::load_full) {
                    if sessions.is_expired(&session, now) {
                        sessions.forget(&session);
                    }
                }
                tokio::task::yield_now().await;
            }
        }
    }

    /// How many sessions are in use here.
    #[cfg(test)]
    pub(super) fn len(&self) -> usize {
        self.here().count()
    }
}

/// Returns whether something is due that was last done at a time, for one caller alone.
fn is_due(last: &AtomicU64, now: u64, every: u64) -> bool {
    let done = last.load(Ordering::Relaxed);
    now.saturating_sub(done) >= every && last.compare_exchange(done, now, Ordering::Relaxed, Ordering::Relaxed).is_ok()
}
