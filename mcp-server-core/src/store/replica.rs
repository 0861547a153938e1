//! Replicas: which processes share a store, and which of them live.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use serde::{Deserialize, Serialize};
use tokio::task::JoinHandle;
use tokio::time::Instant;

use super::error::StoreError;
use super::handle::Store;
use super::kv::{Expect, Put};
use super::seal::random_id;
use crate::background;

/// The list of those who joined.
const MEMBERS: &str = "replicas";
/// How long the list is kept when nobody joins or leaves.
const KEPT: Duration = Duration::from_hours(24 * 30);
/// How often the list is written again when somebody else wrote in between.
const ATTEMPTS: usize = 64;

/// One process among those that share a store.
///
/// It has a lease in the store and keeps it by a heartbeat, three in the lease's life. Whatever a process works on names
/// its replica, so that one lease stands for all of that work: no request, stream or task needs one of its own.
///
/// A replica whose lease is gone may still live, if the store was away for longer than a lease. It is lost only when
/// the lease stays away for half of its life while the store answers: by then a living one has renewed it.
#[derive(Debug)]
pub(crate) struct Replica {
    store: Store,
    id: String,
    badge: Mutex<String>,
    life: Duration,
    suspects: Mutex<HashMap<String, Suspicion>>,
    /// What renews the lease, and what sweeps the store.
    heart: Mutex<Vec<JoinHandle<()>>>,
}

/// How often what has expired is removed from the store, by each replica.
const SWEEP: Duration = Duration::from_secs(30);
/// How long a look at a replica counts, for those whose leases live less than those who ask leave between two looks.
const STALE: Duration = Duration::from_secs(5);

/// That a replica showed no lease, and kept showing none whenever somebody looked.
#[derive(Clone, Copy, Debug)]
struct Suspicion {
    since: Instant,
    looked: Instant,
}

/// A replica as the others see it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Member {
    /// Its id.
    pub(crate) id: String,
    /// What it says of itself, such as which sealing keys it has.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub(crate) badge: String,
}

impl Replica {
    /// Joins those who share a store. The lease lives for `life`; what is on the badge, everybody can read.
    ///
    /// # Errors
    /// What the store says.
    pub(crate) async fn join(store: &Store, life: Duration, badge: String) -> Result<Arc<Self>, StoreError> {
        let replica = Self::new(store, life, badge);
        replica.beat().await?;
        let beating = Arc::downgrade(&replica);
        let heart = background::spawn("lease", async move {
            let mut every = tokio::time::interval(life / 3);
            every.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
            every.tick().await;
            loop {
                every.tick().await;
                let Some(replica) = beating.upgrade() else { return };
                if let Err(error) = replica.beat().await {
                    tracing::warn!(%error, "this replica could not renew its lease");
                }
            }
        });
        let sweeping = Arc::downgrade(&replica);
        let sweeper = background::spawn("store_sweep", async move {
            loop {
                tokio::time::sleep(SWEEP).await;
                let Some(store) = sweeping.upgrade().map(|replica| replica.store.clone()) else { return };
                if let Err(error) = store.sweep().await {
                    tracing::debug!(%error, "expired state could not be removed; it will be tried again");
                }
            }
        });
        *replica.heart.lock().unwrap_or_else(PoisonError::into_inner) = vec![heart, sweeper];
        Ok(replica)
    }

    /// A replica that shares its store with nobody, and so needs no lease.
    pub(crate) fn alone(store: &Store) -> Arc<Self> {
        Self::new(store, Duration::from_secs(6), String::new())
    }

    fn new(store: &Store, life: Duration, badge: String) -> Arc<Self> {
        let (suspects, heart) = (Mutex::default(), Mutex::default());
        let badge = Mutex::new(badge);
        Arc::new(Self { store: store.clone(), id: random_id(), badge, life, suspects, heart })
    }

    /// Its id; no two processes ever have the same.
    pub(crate) fn id(&self) -> &str {
        &self.id
    }

    /// How long a lease lives.
    pub(crate) fn life(&self) -> Duration {
        self.life
    }

    /// Those who joined and did not leave, itself among them, in the order in which they joined. One of them may have died.
    ///
    /// # Errors
    /// What the store says.
    pub(crate) async fn members(&self) -> Result<Vec<Member>, StoreError> {
        let entry = self.store.get(MEMBERS).await?;
        Ok(entry.and_then(|entry| serde_json::from_slice(&entry.value).ok()).unwrap_or_default())
    }

    /// Whether a replica has died: its work will not go on. Ask again, every [`STALE`] at least: it takes up to one and a
    /// half lives of a lease to be sure, and what was seen longer ago says nothing about now.
    ///
    /// # Errors
    /// What the store says; then nothing is known.
    pub(crate) async fn is_lost(&self, id: &str) -> Result<bool, StoreError> {
        if id == self.id {
            return Ok(false);
        }
        let lease = self.store.get(&lease(id)).await;
        let mut suspects = self.suspects.lock().unwrap_or_else(PoisonError::into_inner);
        match lease {
            Ok(Some(_)) => {
                suspects.remove(id);
                Ok(false)
            }
            Ok(None) => {
                // It may have lived on since then, and have lost its lease to another outage only now.
                suspects.retain(|_, suspicion| suspicion.looked.elapsed() <= self.life.max(STALE));
                let now = Instant::now();
                let suspicion = suspects.entry(id.to_owned()).or_insert(Suspicion { since: now, looked: now });
                suspicion.looked = now;
                Ok(suspicion.since.elapsed() >= self.life / 2)
            }
            Err(error) => {
                // Whoever lived through the outage needs the whole time again to renew its lease.
                suspects.clear();
                Err(error)
            }
        }
    }

    /// Whether a replica has its lease now. One without is not lost yet, and does not count at this moment.
    ///
    /// # Errors
    /// What the store says.
    pub(crate) async fn has_lease(&self, id: &str) -> Result<bool, StoreError> {
        Ok(self.store.get(&lease(id)).await?.is_some())
    }

    /// Puts something else on its badge.
    ///
    /// # Errors
    /// What the store says; the next heartbeat tells the others then.
    pub(crate) async fn wear(&self, badge: &str) -> Result<(), StoreError> {
        {
            let mut worn = self.badge.lock().unwrap_or_else(PoisonError::into_inner);
            if *worn == badge {
                return Ok(());
            }
            badge.clone_into(&mut worn);
        }
        self.beat().await
    }

    /// This replica as the others are to see it.
    fn me(&self) -> Member {
        Member { id: self.id.clone(), badge: self.badge.lock().unwrap_or_else(PoisonError::into_inner).clone() }
    }

    /// Renews the lease no more, as a process that is paused or killed.
    #[cfg(test)]
    pub(crate) fn stop_heart(&self) {
        self.heart.lock().unwrap_or_else(PoisonError::into_inner).drain(..).for_each(|task| task.abort());
    }

    /// Leaves: from now on its work counts as lost.
    ///
    /// # Errors
    /// What the store says; the lease ends by itself then.
    pub(crate) async fn leave(&self) -> Result<(), StoreError> {
        self.heart.lock().unwrap_or_else(PoisonError::into_inner).drain(..).for_each(|task| task.abort());
        self.store.delete(&lease(&self.id), None).await?;
        self.change(|members| members.retain(|member| member.id != self.id)).await
    }

    /// Renews the lease, and takes its place in the list again if that was lost.
    async fn beat(&self) -> Result<(), StoreError> {
        let put = self.store.put(&lease(&self.id), "", Expect::Any, Some(self.life)).await?;
        drop(put);
        self.store.synchronize().await?;
        let (me, members) = (self.me(), self.members().await?);
        if members.contains(&me) {
            return Ok(());
        }
        let mut gone = Vec::new();
        for member in members {
            if !self.has_lease(&member.id).await? {
                gone.push(member.id);
            }
        }
        self.change(|members| {
            members.retain(|member| !gone.contains(&member.id));
            // The order is the one in which they joined.
            match members.iter_mut().find(|member| member.id == me.id) {
                Some(member) => *member = me.clone(),
                None => members.push(me.clone()),
            }
        })
        .await
    }

    async fn change(&self, change: impl Fn(&mut Vec<Member>)) -> Result<(), StoreError> {
        let mut seen = self.store.get(MEMBERS).await?;
        for _ in 0..ATTEMPTS {
            let mut members: Vec<Member> =
                seen.as_ref().and_then(|entry| serde_json::from_slice(&entry.value).ok()).unwrap_or_default();
            change(&mut members);
            let expect = seen.as_ref().map_or(Expect::Absent, |entry| Expect::Version(entry.version));
            let value = serde_json::to_vec(&members).unwrap_or_default();
            match self.store.put(MEMBERS, value, expect, Some(KEPT)).await? {
                Put::Stored(_) => return Ok(()),
                Put::Refused(other) => seen = other,
            }
        }
        // The next heartbeat tries again.
        Ok(())
    }
}

impl Drop for Replica {
    fn drop(&mut self) {
        self.heart.lock().unwrap_or_else(PoisonError::into_inner).drain(..).for_each(|task| task.abort());
    }
}

fn lease(id: &str) -> String {
    format!("replica/{id}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::contract::Interruptible;
    use crate::store::{Clock, Engine as _, Kv as _, Memory};

    const LIFE: Duration = Duration::from_millis(600);

    impl Replica {
        /// As if another one had shown no lease for a while, and somebody had looked at it some time ago.
        fn suspect(&self, id: &str, since: Duration, looked: Duration) {
            let ago = |time| Instant::now().checked_sub(time).unwrap();
            self.suspects.lock().unwrap().insert(id.to_owned(), Suspicion { since: ago(since), looked: ago(looked) });
        }
    }

    fn ids(members: &[Member]) -> Vec<&str> {
        members.iter().map(|member| member.id.as_str()).collect()
    }

    #[tokio::test]
    async fn who_joins_is_seen_and_who_leaves_is_not() {
        let store = Store::memory();
        let one = Replica::join(&store, LIFE, "blue".to_owned()).await.unwrap();
        let two = Replica::join(&store, LIFE, "red".to_owned()).await.unwrap();
        let members = one.members().await.unwrap();
        assert_eq!(ids(&members), [one.id(), two.id()]);
        assert_eq!(members[1].badge, "red");
        assert!(!one.is_lost(two.id()).await.unwrap());
        two.leave().await.unwrap();
        assert_eq!(ids(&one.members().await.unwrap()), [one.id()]);
    }

    #[tokio::test]
    async fn a_dead_one_is_lost_after_a_while_and_struck_off_when_the_next_one_joins() {
        let clock = Clock::manual();
        let store = Store::new(Memory::with_clock(clock.clone()));
        let one = Replica::join(&store, LIFE, String::new()).await.unwrap();
        let dead = Replica::join(&store, LIFE, String::new()).await.unwrap().id().to_owned();
        clock.advance(LIFE * 2);
        assert!(!one.is_lost(&dead).await.unwrap(), "it may yet renew its lease");
        one.suspect(&dead, LIFE / 2, LIFE / 4);
        assert!(one.is_lost(&dead).await.unwrap());
        one.beat().await.unwrap();
        let three = Replica::join(&store, LIFE, String::new()).await.unwrap();
        assert_eq!(ids(&three.members().await.unwrap()), [one.id(), three.id()]);
    }

    #[tokio::test]
    async fn a_lease_that_comes_back_clears_the_suspicion() {
        let clock = Clock::manual();
        let store = Store::new(Memory::with_clock(clock.clone()));
        let one = Replica::join(&store, LIFE, String::new()).await.unwrap();
        let two = Replica::join(&store, LIFE, String::new()).await.unwrap();
        clock.advance(LIFE * 2);
        assert!(!one.is_lost(two.id()).await.unwrap());
        one.suspect(two.id(), LIFE / 2, LIFE / 4);
        two.beat().await.unwrap();
        assert!(!one.is_lost(two.id()).await.unwrap());
        assert!(one.suspects.lock().unwrap().is_empty());
    }

    #[tokio::test]
    async fn a_badge_that_changes_is_seen_by_the_others() {
        let store = Store::memory();
        let one = Replica::join(&store, LIFE, "blue".to_owned()).await.unwrap();
        let two = Replica::join(&store, LIFE, "red".to_owned()).await.unwrap();
        one.wear("green").await.unwrap();
        let badges: Vec<_> = one.members().await.unwrap().into_iter().map(|member| member.badge).collect();
        assert_eq!(badges, ["green", "red"], "its place in the order stays");
        assert!(one.has_lease(two.id()).await.unwrap());
        two.leave().await.unwrap();
        assert!(!one.has_lease(two.id()).await.unwrap());
    }

    #[tokio::test]
    async fn a_suspicion_of_long_ago_condemns_nobody() {
        let clock = Clock::manual();
        let store = Store::new(Memory::with_clock(clock.clone()));
        let one = Replica::join(&store, LIFE, String::new()).await.unwrap();
        let two = Replica::join(&store, LIFE, String::new()).await.unwrap();
        clock.advance(LIFE * 2);
        one.suspect(two.id(), STALE * 3, STALE * 2);
        assert!(!one.is_lost(two.id()).await.unwrap(), "it has half a life from now on to renew its lease");
    }

    #[tokio::test(start_paused = true)]
    async fn heartbeats_keep_the_clock_right_and_expired_state_goes_without_writes() {
        let (engine, _interruption) = Interruptible::remote(Memory::new());
        let (one, other) = (Store::new(engine.clone()), Store::new(engine));
        let _replica = Replica::join(&one, LIFE, String::new()).await.unwrap();
        one.clock().advance(Duration::from_hours(1));
        tokio::time::sleep(LIFE).await;
        other.synchronize().await.unwrap();
        assert!(one.clock().millis().abs_diff(other.clock().millis()) < 5);
        let swept = Arc::new(Memory::new());
        let value = swept.put("key", "value".into(), Expect::Any, Some(LIFE)).await.unwrap();
        assert!(value.stored().is_some() && swept.held() == 1);
        tokio::time::sleep(LIFE * 2).await;
        swept.sweep().await.unwrap();
        assert_eq!(swept.held(), 0);
    }
}
