//! Since when the lists are what they are: a deployment changes them while clients are connected.
//!
//! The store knows a digest of each list and when it came up. A replica that starts with another one writes its own, and
//! all replicas announce the change. A session that is older than a list, and was not connected when it changed, is told
//! when it listens again.

use serde::{Deserialize, Serialize};

use super::catalogue::Catalogue;
use super::service::Service;
use super::since::LISTS;
use crate::protocol::Revision;
use crate::store::seal::Digest;
use crate::store::{Expect, Put, StoreError};
use crate::tool::Change;

/// Where the store knows it.
const KEY: &str = "catalogue";
/// How often the record is written again when another replica wrote in between.
const ATTEMPTS: usize = 16;

/// A list as the store knows it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Known {
    digest: u128,
    since: u64,
}

impl Service {
    /// Compares the lists with those that the server had before, and announces what a deployment changed.
    ///
    /// # Errors
    /// What the store says; then nothing is announced.
    pub(crate) async fn notice_deployment(&self) -> Result<(), StoreError> {
        let digests = digests(&self.catalogue());
        let mut seen = self.store().get(KEY).await?;
        for _ in 0..ATTEMPTS {
            let before: Option<Vec<Known>> = seen.as_ref().and_then(|entry| serde_json::from_slice(&entry.value).ok());
            let now = self.clock().millis();
            let is_same = |at: usize| before.as_ref()?.get(at).filter(|known| Some(&known.digest) == digests.get(at));
            let after: Vec<Known> = (0..LISTS.len())
                .zip(digests)
                .map(|(at, digest)| is_same(at).cloned().unwrap_or(Known { digest, since: now }))
                .collect();
            if before.as_ref() != Some(&after) {
                let expect = seen.as_ref().map_or(Expect::Absent, |entry| Expect::Version(entry.version));
                let value = serde_json::to_vec(&after).unwrap_or_default();
                if let Put::Refused(other) = self.store().put(KEY, value, expect, None).await? {
                    seen = other;
                    continue;
                }
            }
            let changed = LISTS.into_iter().enumerate().filter(|(at, _)| before.is_some() && is_same(*at).is_none());
            changed.for_each(|(_, list)| self.announce(list));
            let since = after.iter().map(|known| known.since).collect::<Vec<_>>().try_into().unwrap_or_default();
            self.lists_since.get_or_init(|| since);
            return Ok(());
        }
        Ok(())
    }

    /// The lists that changed by a deployment after a time, in milliseconds since 1970.
    pub(crate) fn deployed_after(&self, millis: u64) -> impl Iterator<Item = Change> {
        let since = self.lists_since.get().copied().unwrap_or_default();
        LISTS.into_iter().zip(since).filter(move |(_, since)| *since > millis).map(|(list, _)| list)
    }
}

/// A digest of what the newest revision sees of each list.
fn digests(catalogue: &Catalogue) -> [u128; LISTS.len()] {
    let revision = Revision::V2026_07_28;
    let tools: Vec<&[u8]> = catalogue.tools.iter().map(|entry| entry.lines.of(revision)).collect();
    let prompts: Vec<&[u8]> = catalogue.prompts.iter().map(|entry| entry.lines.of(revision)).collect();
    let resources = catalogue.resources.iter().chain(&catalogue.templates);
    let resources: Vec<&[u8]> = resources.map(|entry| entry.lines.of(revision)).collect();
    [tools, prompts, resources].map(|lines| Digest::of(&lines).short())
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::time::Duration;

    use super::*;
    use crate::dispatch::subscriptions::{Filter, Listener};
    use crate::dispatch::{Identity, Settings, Shared, States, assemble};
    use crate::prelude::*;
    use crate::store::seal::Sealer;
    use crate::store::{Replica, Store};
    use crate::telemetry::Telemetry;
    use crate::tool::Item;

    /// The first.
    #[tool]
    async fn first() -> String {
        String::new()
    }

    /// The second.
    #[tool]
    async fn second() -> String {
        String::new()
    }

    /// A prompt.
    #[prompt]
    async fn greet() -> Messages {
        Messages::new().user("Hello.")
    }

    async fn start(store: &Store, items: Vec<Item>) -> (Arc<Service>, Listener, impl Sized) {
        let shared = Shared { store: store.clone(), replica: Replica::alone(store), sealer: Sealer::ephemeral() };
        let identity = Identity::new("tests".to_owned(), "0".to_owned(), None, None);
        let service =
            assemble(identity, items, States::new(), shared, Settings::default(), Telemetry::default()).unwrap();
        let relay = service.attach().await;
        service.notice_deployment().await.unwrap();
        let listener = service.hub.listen(Filter { tools: true, prompts: true, resources: true, uris: Vec::new() });
        (service, listener, relay)
    }

    #[tokio::test(start_paused = true)]
    async fn a_deployment_with_other_tools_is_announced_to_those_who_listen_and_those_who_come_back() {
        let store = Store::memory();
        let pass = || tokio::time::sleep(Duration::from_mins(1));
        let (old, listener, _relay) = start(&store, tools![first]).await;
        pass().await;
        let opened = store.clock().millis();
        let (same, _, _same) = start(&store, tools![first]).await;
        assert_eq!(same.deployed_after(opened).count(), 0, "a restart changes nothing");
        pass().await;
        let mut items = tools![first, second];
        items.extend(prompts![greet]);
        let (new, _, _new) = start(&store, items).await;
        for expected in [Change::Tools, Change::Prompts] {
            assert_eq!(std::future::poll_fn(|task| listener.poll_change(task)).await, Some(expected));
        }
        assert_eq!(new.deployed_after(opened).collect::<Vec<_>>(), [Change::Tools, Change::Prompts]);
        assert_eq!(new.deployed_after(store.clock().millis()).count(), 0, "whoever comes later knows them");
        assert_eq!(old.deployed_after(opened).count(), 0);
        pass().await;
        let (back, _, _back) = start(&store, tools![first]).await;
        assert_eq!(back.deployed_after(opened).collect::<Vec<_>>(), [Change::Tools, Change::Prompts], "a rollback");
    }
}
