//! The seat of a subscription among those of its principal, on all replicas together.

use std::pin::Pin;
use std::task::{Context as Task, Poll, ready};
use std::time::Duration;

use tokio::time::{Interval, MissedTickBehavior, interval};

use crate::background::BoundedTasks;
use crate::principal::Principal;
use crate::store::seal::hash_id;
use crate::store::{Seat, Seats, Store, StoreError};

/// Tasks that give the place of a subscription back.
static LEAVES: BoundedTasks = BoundedTasks::new("subscription_leave", 4096);

/// How long a seat outlives its replica.
const LIFE: Duration = Duration::from_mins(3);

type Work = Pin<Box<dyn Future<Output = Result<Option<Seat>, StoreError>> + Send>>;

/// A seat that is taken at the first poll, kept by further ones, and left at the end.
pub(super) struct SubscriptionSeat {
    store: Store,
    name: String,
    cap: u32,
    seat: Option<Seat>,
    work: Option<Work>,
    every: Option<Interval>,
}

/// Why a subscription has no seat.
#[derive(Debug)]
pub(super) enum Standing {
    /// The principal has as many subscriptions as it may.
    Full,
    /// The store.
    Store(StoreError),
}

impl SubscriptionSeat {
    pub(super) fn new(store: &Store, principal: &Principal, cap: usize) -> Self {
        let name = format!("listen-of/{}", hash_id(principal.quota_key()));
        let cap = u32::try_from(cap).unwrap_or(u32::MAX);
        Self { store: store.clone(), name, cap, seat: None, work: None, every: None }
    }

    /// Takes the seat.
    pub(super) fn poll_take(&mut self, task: &mut Task<'_>) -> Poll<Result<(), Standing>> {
        if self.seat.is_some() {
            return Poll::Ready(Ok(()));
        }
        let work = self.work.get_or_insert_with(|| {
            let (store, name, cap) = (self.store.clone(), self.name.clone(), self.cap);
            Box::pin(async move { Seats::new(&store, &name, cap).take("", LIFE).await })
        });
        let taken = ready!(work.as_mut().poll(task));
        self.work = None;
        self.seat = taken.map_err(Standing::Store)?;
        Poll::Ready(self.seat.map(drop).ok_or(Standing::Full))
    }

    /// Keeps the seat from time to time; one that was lost while the store was away is let be.
    pub(super) fn poll_keep(&mut self, task: &mut Task<'_>) {
        let every = self.every.get_or_insert_with(|| {
            let mut every = interval(LIFE / 3);
            every.set_missed_tick_behavior(MissedTickBehavior::Delay);
            every.reset();
            every
        });
        if self.work.is_none() && every.poll_tick(task).is_ready() {
            // Its next tick wakes this again.
            let _not_yet = every.poll_tick(task);
            if let Some(seat) = self.seat {
                let (store, name, cap) = (self.store.clone(), self.name.clone(), self.cap);
                self.work = Some(Box::pin(async move { Seats::new(&store, &name, cap).keep(seat, "", LIFE).await }));
            }
        }
        if let Some(work) = &mut self.work
            && let Poll::Ready(kept) = work.as_mut().poll(task)
        {
            self.work = None;
            if let Ok(Some(seat)) = kept {
                self.seat = Some(seat);
            }
        }
    }
}

impl Drop for SubscriptionSeat {
    fn drop(&mut self) {
        let Some(seat) = self.seat else { return };
        let (store, name, cap) = (self.store.clone(), std::mem::take(&mut self.name), self.cap);
        LEAVES.spawn(async move {
            if let Err(error) = Seats::new(&store, &name, cap).leave(seat).await {
                tracing::debug!(%error, "the seat of a subscription stays taken for a while");
            }
        });
    }
}

impl std::fmt::Debug for SubscriptionSeat {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SubscriptionSeat").field("seat", &self.seat).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use std::future::poll_fn;

    use super::*;

    async fn take(seat: &mut SubscriptionSeat) -> Result<(), Standing> {
        poll_fn(|task| seat.poll_take(task)).await
    }

    #[tokio::test]
    async fn the_cap_holds_over_all_replicas_and_a_seat_is_given_back() {
        let store = Store::memory();
        let (alice, bob) =
            (Principal::new("test", "alice", [] as [&str; 0]), Principal::new("test", "bob", [] as [&str; 0]));
        let mut first = SubscriptionSeat::new(&store, &alice, 1);
        take(&mut first).await.unwrap();
        take(&mut first).await.unwrap();
        assert!(matches!(take(&mut SubscriptionSeat::new(&store.clone(), &alice, 1)).await, Err(Standing::Full)));
        take(&mut SubscriptionSeat::new(&store, &bob, 1)).await.unwrap();
        drop(first);
        tokio::task::yield_now().await;
        take(&mut SubscriptionSeat::new(&store, &alice, 1)).await.unwrap();
    }
}
