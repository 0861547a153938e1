//! The sealing keys of a replica: where they come from, that they stay current, and that all replicas agree on them.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;
use tokio_util::task::AbortOnDropHandle;

use super::config::Config;
use super::quorum::majority;
use crate::background;
use crate::store::seal::{SealKey, Sealer};
use crate::store::{Badge, KEYS, Keyring, Replica, Store, StoreError, Subscription};

/// How often the keys are read again without a hint.
const REREAD: Duration = Duration::from_mins(1);
/// The longest life of what is sealed and has no limit in the configuration.
const LEAST_LIFE: Duration = Duration::from_hours(24);

/// Where a server's sealing keys come from.
#[derive(Debug)]
pub(super) struct Keys {
    pub(super) sealer: Sealer,
    /// What the replicas agree on through the store; without it the keys never change.
    ring: Option<Keyring>,
}

impl Keys {
    /// The keys of the configuration.
    ///
    /// # Errors
    /// A sentence saying what is wrong with them.
    pub(super) fn configured(config: &Config) -> Result<Option<Self>, String> {
        if config.seal.keys.is_empty() {
            return Ok(None);
        }
        let keys: Result<Vec<_>, _> =
            config.seal.keys.iter().map(|key| SealKey::new(key.id.as_str(), key.secret.as_bytes())).collect();
        let sealer = keys.and_then(Sealer::new).map_err(|error| format!("seal.keys: {error}"))?;
        Ok(Some(Self { sealer, ring: None }))
    }

    /// The keys that all who share a store agree on. A store in memory ends with its process, and so does its key.
    ///
    /// # Errors
    /// What the store says.
    pub(super) async fn agreed(store: &Store, config: &Config) -> Result<Self, StoreError> {
        let sealer = Sealer::ephemeral();
        if store.engine() == "memory" {
            return Ok(Self { sealer, ring: None });
        }
        let life =
            config.limits.state_expires.max(config.session.idle_timeout).max(config.session.sealed_for).max(LEAST_LIFE);
        let ring = Keyring::of(store, config.seal.rotate, life);
        renew(&sealer, &ring).await?;
        Ok(Self { sealer, ring: Some(ring) })
    }

    /// Keeps the keys current and watches over the agreement, until what is returned is dropped.
    pub(super) async fn keep(self, store: Store, replica: Arc<Replica>) -> Agreement {
        let (told, agree) = watch::channel(false);
        let mut keeper = Keeper { keys: self, store, replica, told, hints: None, odd: Vec::new() };
        keeper.compare().await;
        let keeping = background::spawn("key_agreement", async move { keeper.run().await });
        Agreement { agree, _keeper: AbortOnDropHandle::new(keeping) }
    }
}

/// Whether this replica belongs to the majority of those that live and open what each other seal.
#[derive(Debug)]
pub(super) struct Agreement {
    agree: watch::Receiver<bool>,
    _keeper: AbortOnDropHandle<()>,
}

impl Agreement {
    /// Whether it does, as far as is known.
    pub(super) fn holds(&self) -> bool {
        *self.agree.borrow()
    }
}

struct Keeper {
    keys: Keys,
    store: Store,
    replica: Arc<Replica>,
    told: watch::Sender<bool>,
    hints: Option<Subscription>,
    /// The replicas with other keys, so that each is logged once.
    odd: Vec<String>,
}

impl Keeper {
    async fn run(&mut self) {
        let mut beat = tokio::time::interval(self.replica.life() / 3);
        beat.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        let mut reread = tokio::time::interval(REREAD);
        reread.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        reread.tick().await;
        loop {
            if self.hints.is_none() && self.keys.ring.is_some() {
                self.hints = self.store.subscribe(KEYS, 1).await.ok();
            }
            tokio::select! {
                _ = beat.tick() => {}
                _ = reread.tick() => self.renew().await,
                hint = next(&mut self.hints) => match hint {
                    Some(_) => self.renew().await,
                    None => self.hints = None,
                },
            }
            self.compare().await;
        }
    }

    /// Reads the keys again; without the store the old ones do.
    async fn renew(&self) {
        let Some(ring) = &self.keys.ring else { return };
        if let Err(error) = renew(&self.keys.sealer, ring).await {
            tracing::warn!(target: "mcp_server::seal", %error, "the sealing keys could not be read again");
        }
    }

    /// Wears the badge of the keys that are in use, and reads those of the others. What cannot be read changes nothing.
    async fn compare(&mut self) {
        let own = Badge::of(&self.keys.sealer);
        let compared = async {
            self.replica.wear(&own.write()).await?;
            Comparison::of(&self.replica, &own).await
        };
        match compared.await {
            Ok(comparison) => self.judge(&own, &comparison),
            Err(error) => tracing::debug!(target: "mcp_server::seal", %error, "the keys of the others are not known"),
        }
    }

    fn judge(&mut self, own: &Badge, found: &Comparison) {
        let Comparison { ready, odd } = found;
        for (id, badge) in odd.iter().filter(|(id, _)| !self.odd.contains(id)) {
            let (keys, theirs) = (own.shown(), badge.shown());
            if *ready {
                tracing::warn!(target: "mcp_server::seal", replica = id, keys, theirs,
                    "another replica has other sealing keys than most, and is not ready; {REMEDY}");
            } else {
                tracing::error!(target: "mcp_server::seal", replica = id, keys, theirs,
                    "this replica is not ready: it and another one do not open what each other seal; {REMEDY}");
            }
        }
        if odd.is_empty() && !self.odd.is_empty() {
            tracing::info!(target: "mcp_server::seal", "the replicas agree on their sealing keys again");
        }
        self.odd = odd.iter().map(|(id, _)| id.clone()).collect();
        self.told.send_replace(*ready);
    }
}

/// What to do about keys that differ.
pub(super) const REMEDY: &str = "give all of them the same seal.keys, or none; to rotate, add the new key at the end \
                                 everywhere, then move it to the front, then remove the old one";

/// How the keys of a replica compare with those of the others that live.
#[derive(Debug)]
pub(super) struct Comparison {
    /// Whether it belongs to the majority that agrees.
    pub(super) ready: bool,
    /// Those that do not open what it seals, or the other way round.
    pub(super) odd: Vec<(String, Badge)>,
}

impl Comparison {
    /// Compares the keys of a replica, which has joined or is about to: then it comes last.
    ///
    /// # Errors
    /// What the store says.
    pub(super) async fn of(replica: &Replica, own: &Badge) -> Result<Self, StoreError> {
        let members = replica.members().await?;
        let mut others: Vec<(String, Badge)> =
            members.into_iter().filter_map(|member| Some((member.id, Badge::read(&member.badge)?))).collect();
        if !others.iter().any(|(id, _)| id == replica.id()) {
            others.push((replica.id().to_owned(), own.clone()));
        }
        // Usually all agree, and then nobody has to be looked up.
        let agree = others.iter().all(|(_, one)| others.iter().all(|(_, other)| one.agrees_with(other)));
        if agree {
            return Ok(Self { ready: true, odd: Vec::new() });
        }
        let mut living = Vec::new();
        for (id, badge) in others {
            if id == replica.id() {
                living.push((id, own.clone()));
            } else if replica.has_lease(&id).await? {
                living.push((id, badge));
            }
        }
        let badges: Vec<Badge> = living.iter().map(|(_, badge)| badge.clone()).collect();
        let is_ready = majority(&badges);
        let own_place = living.iter().position(|(id, _)| id == replica.id());
        let ready = own_place.and_then(|place| is_ready.get(place).copied()).unwrap_or_default();
        living.retain(|(_, badge)| !own.agrees_with(badge));
        Ok(Self { ready, odd: living })
    }
}

async fn renew(sealer: &Sealer, ring: &Keyring) -> Result<(), StoreError> {
    let keys = ring.read().await?;
    sealer.replace(keys).map_err(|error| ring.corrupt(error))
}

async fn next(hints: &mut Option<Subscription>) -> Option<crate::store::Event> {
    match hints {
        Some(hints) => hints.recv().await,
        None => std::future::pending().await,
    }
}

#[cfg(test)]
mod tests {
    use super::super::config::SealSecret;
    use super::*;

    const LIFE: Duration = Duration::from_millis(300);

    async fn replica(store: &Store, keys: &[&str]) -> (Arc<Replica>, Agreement) {
        let mut config = Config::default();
        config.seal.keys = keys.iter().map(|id| SealSecret::new(*id, format!("{id:*<40}"))).collect();
        let keys = Keys::configured(&config).unwrap().unwrap();
        let replica = Replica::join(store, LIFE, Badge::of(&keys.sealer).write()).await.unwrap();
        let agreement = keys.keep(store.clone(), Arc::clone(&replica)).await;
        (replica, agreement)
    }

    async fn becomes(agreement: &mut Agreement, holds: bool) {
        agreement.agree.wait_for(|agree| *agree == holds).await.unwrap();
    }

    #[tokio::test]
    async fn the_odd_one_is_not_ready_until_the_others_are_gone_and_the_others_stay_ready() {
        let store = Store::memory();
        let (one, first) = replica(&store, &["old"]).await;
        let (two, second) = replica(&store, &["old"]).await;
        let (odd, mut third) = replica(&store, &["new"]).await;
        assert!(first.holds() && second.holds());
        assert!(!third.holds(), "it knows before it serves anybody");
        let own = Badge::read(&one.members().await.unwrap()[0].badge).unwrap();
        let found = Comparison::of(&one, &own).await.unwrap();
        assert!(found.ready && found.odd.len() == 1 && found.odd[0].0 == odd.id());
        drop((first, second));
        one.leave().await.unwrap();
        two.leave().await.unwrap();
        becomes(&mut third, true).await;
    }

    #[tokio::test]
    async fn of_two_that_disagree_the_one_that_joined_first_stays_ready() {
        let store = Store::memory();
        let (one, first) = replica(&store, &["old"]).await;
        let (_two, mut second) = replica(&store, &["new"]).await;
        assert!(first.holds() && !second.holds());
        drop(first);
        one.leave().await.unwrap();
        becomes(&mut second, true).await;
    }

    #[tokio::test]
    async fn a_rotation_with_overlap_keeps_everybody_ready() {
        let store = Store::memory();
        let (_one, first) = replica(&store, &["old", "new"]).await;
        let (_two, second) = replica(&store, &["new", "old"]).await;
        assert!(first.holds() && second.holds());
    }

    #[tokio::test]
    async fn a_member_that_died_does_not_count() {
        let store = Store::memory();
        let (one, first) = replica(&store, &["old"]).await;
        drop((one, first));
        let (_two, mut second) = replica(&store, &["new"]).await;
        becomes(&mut second, true).await;
    }

    #[tokio::test]
    async fn a_hint_has_the_keys_read_again() {
        let store = Store::memory();
        let ring = Keyring::of(&store, Duration::from_hours(1), LEAST_LIFE);
        let keys = Keys { sealer: Sealer::ephemeral(), ring: Some(ring.clone()) };
        let sealer = keys.sealer.clone();
        let replica = Replica::join(&store, Duration::from_hours(1), String::new()).await.unwrap();
        let _agreement = keys.keep(store.clone(), replica).await;
        let id = ring.read().await.unwrap()[0].id().to_owned();
        while sealer.key_ids() != [id.as_str()] {
            store.publish(KEYS, "").await.unwrap();
            tokio::task::yield_now().await;
        }
    }
}
