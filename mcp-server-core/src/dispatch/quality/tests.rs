//! Baselines that replicas, which are services on one store, share.

use std::sync::Arc;

use crate::dispatch::{Identity, QualitySettings, Service, Settings, Shared, States, assemble};
use crate::prelude::*;
use crate::store::seal::Sealer;
use crate::store::{Replica, Store};
use crate::telemetry::Telemetry;
use crate::telemetry::quality::{Ended, Seen, Watch};

use super::baselines::round;
use super::place::key;

/// Look for something.
#[tool]
async fn look(what: String) -> String {
    what
}

fn replica(store: &Store) -> Arc<Service> {
    let shared = Shared { store: store.clone(), replica: Replica::alone(store), sealer: Sealer::ephemeral() };
    let identity = Identity::new("tests".to_owned(), "0".to_owned(), None, None);
    let settings = Settings {
        quality: Some(QualitySettings { after: 100, tell: false, tell_slow: false }),
        ..Settings::default()
    };
    assemble(identity, tools![look], States::new(), shared, settings, Telemetry::default()).unwrap()
}

fn with<R>(service: &Service, read: impl FnOnce(&Watch) -> R) -> R {
    read(service.catalogue().tool("look").unwrap().quality.as_ref().unwrap())
}

fn see(service: &Service, results: usize) {
    assert!((0..results).all(|_| !is_off(service, 12)));
}

fn is_off(service: &Service, rows: u64) -> bool {
    let seen = Seen { empty: rows == 0, rows: Some(rows), ..Seen::default() };
    with(service, |watch| watch.judge(&seen, 0).is_off())
}

fn results(service: &Service) -> u64 {
    with(service, |watch| watch.all().baseline.results())
}

#[tokio::test]
async fn replicas_have_one_baseline() {
    let store = Store::memory();
    let (one, two) = (replica(&store), replica(&store));
    see(&one, 60);
    see(&two, 60);
    round(&one).await.unwrap();
    round(&two).await.unwrap();
    assert_eq!((results(&one), results(&two)), (60, 120));
    assert!(is_off(&two, 0), "neither has seen 100 results for itself");
    see(&one, 1);
    round(&one).await.unwrap();
    assert_eq!(results(&one), 121);
    round(&one).await.unwrap();
    assert_eq!(results(&one), 121, "nothing is added twice");
}

#[tokio::test]
async fn replicas_know_the_last_results_together_and_see_them_end() {
    let store = Store::memory();
    let (one, two) = (replica(&store), replica(&store));
    let failed = |service: &Service| with(service, Watch::recent).share(10, |ended| ended == Ended::Failed);
    for _ in 0..10 {
        with(&one, |watch| watch.failed(1));
    }
    round(&one).await.unwrap();
    see(&two, 1);
    round(&two).await.unwrap();
    assert_eq!((failed(&one), failed(&two)), (Some(1.0), Some(0.9)));
    see(&two, 50);
    round(&two).await.unwrap();
    round(&one).await.unwrap();
    assert_eq!(failed(&one), Some(0.0), "a replica that is not called learns that it is over");
}

#[tokio::test]
async fn a_start_begins_with_what_is_known() {
    let store = Store::memory();
    let before = replica(&store);
    see(&before, 100);
    round(&before).await.unwrap();
    let after = replica(&store);
    assert!(!is_off(&after, 0));
    round(&after).await.unwrap();
    assert!(is_off(&after, 0));
}

#[tokio::test]
async fn what_the_store_lost_is_told_again() {
    let store = Store::memory();
    let one = replica(&store);
    see(&one, 100);
    round(&one).await.unwrap();
    let key = key(one.catalogue().tool("look").unwrap());
    assert!(store.delete(&key, None).await.unwrap());
    see(&one, 1);
    round(&one).await.unwrap();
    let two = replica(&store);
    round(&two).await.unwrap();
    assert_eq!(results(&two), 101);
}

#[tokio::test]
async fn what_cannot_be_read_is_left_alone() {
    let store = Store::memory();
    let one = replica(&store);
    let key = key(one.catalogue().tool("look").unwrap());
    store.set(&key, "{\"form\":9}", None).await.unwrap();
    see(&one, 100);
    let why = round(&one).await.unwrap_err();
    assert!(why.contains("quality/look/"), "{why}");
    assert_eq!(store.get(&key).await.unwrap().unwrap().value, "{\"form\":9}");
    assert!(is_off(&one, 0), "it knows what it has seen itself");
}

#[tokio::test]
async fn a_store_that_is_away_costs_nothing_but_the_sharing() {
    let store = Store::memory();
    let one = replica(&store);
    store.close().await.unwrap();
    see(&one, 100);
    assert!(round(&one).await.is_err());
    assert!(is_off(&one, 0));
}

#[test]
fn another_contract_has_another_baseline() {
    /// Look for something.
    #[tool(name = "look")]
    async fn look_better(what: String, where_to: Option<String>) -> String {
        format!("{what} {where_to:?}")
    }
    let store = Store::memory();
    let shared = Shared { store: store.clone(), replica: Replica::alone(&store), sealer: Sealer::ephemeral() };
    let identity = Identity::new("tests".to_owned(), "0".to_owned(), None, None);
    let better =
        assemble(identity, tools![look_better], States::new(), shared, Settings::default(), Telemetry::default());
    let better = better.unwrap();
    let now = key(better.catalogue().tool("look").unwrap());
    let before = key(replica(&store).catalogue().tool("look").unwrap());
    assert_ne!(now, before);
    assert_eq!(before, key(replica(&store).catalogue().tool("look").unwrap()));
    assert!(better.catalogue().tool("look").unwrap().quality.is_none(), "nothing at all where it is off");
}
