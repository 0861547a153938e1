//! The memory engine keeps the contract.

use std::future::ready;
use std::time::Duration;

use proptest::prelude::*;

use super::Memory;
use crate::store::contract::{Passing, Subject, verify};
use crate::store::{Clock, Engine, Expect, Keep, Kv, Log, Put, Reply, Store, StoreErrorKind};

struct InMemory(Store, Clock);

impl Subject for InMemory {
    fn open(&self) -> Reply<'_, Store> {
        Box::pin(ready(Ok(self.0.clone())))
    }

    fn pass(&self, time: Duration) -> Passing<'_> {
        self.1.advance(time);
        Box::pin(ready(()))
    }

    fn survives(&self) -> bool {
        false
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn keeps_the_contract() {
    let clock = Clock::manual();
    let subject = InMemory(Store::new(Memory::with_clock(clock.clone())), clock);
    verify(&subject).await.unwrap_or_else(|failures| panic!("{failures}"));
}

#[tokio::test]
async fn forgets_what_has_expired_with_later_writes() {
    let clock = Clock::manual();
    let memory = Memory::with_clock(clock.clone());
    let set = async |key: &str, life| memory.put(key, "x".into(), Expect::Any, life).await.unwrap().stored().unwrap();
    let life = Some(Duration::from_secs(1));
    for number in 0..1_000 {
        set(&format!("{number}"), life).await;
        memory
            .append(&format!("{number}"), "x".into(), Keep { age: Duration::from_secs(1), ..Keep::default() })
            .await
            .unwrap();
    }
    assert_eq!(memory.held(), 2_000);
    clock.advance(Duration::from_secs(2));
    for number in 1_000..1_400 {
        set(&format!("{number}"), life).await;
        memory.append(&format!("{number}"), "x".into(), Keep::default()).await.unwrap();
    }
    assert_eq!(memory.held(), 800);
}

#[tokio::test]
async fn one_key_written_often_takes_the_room_of_one() {
    let memory = Memory::new();
    for _ in 0..1_000 {
        let put = memory.put("key", "x".into(), Expect::Any, Some(Duration::from_secs(1))).await.unwrap();
        assert!(put.stored().is_some());
        memory.append("stream", "x".into(), Keep { entries: 1, ..Keep::default() }).await.unwrap();
    }
    assert_eq!(memory.held(), 2);
}

#[tokio::test]
async fn once_closed_it_is_unavailable_and_subscriptions_end() {
    let store = Store::memory();
    let mut listener = store.subscribe("topic", 4).await.unwrap();
    store.publish("topic", "last").await.unwrap();
    store.close().await.unwrap();
    assert_eq!(store.get("key").await.unwrap_err().kind(), StoreErrorKind::Unavailable);
    assert!(listener.recv().await.is_some());
    assert!(listener.recv().await.is_none());
}

#[tokio::test]
async fn names_and_sizes_are_checked_before_the_engine() {
    use crate::store::limit;
    let store = Store::memory();
    for name in ["", "a\0b", &"x".repeat(limit::NAME + 1)] {
        assert_eq!(store.get(name).await.unwrap_err().kind(), StoreErrorKind::Invalid);
        assert_eq!(store.append(name, "x", Keep::default()).await.unwrap_err().kind(), StoreErrorKind::Invalid);
        assert_eq!(store.publish(name, "x").await.unwrap_err().kind(), StoreErrorKind::Invalid);
    }
    assert!(store.get(&"x".repeat(limit::NAME)).await.unwrap().is_none());
    let error = store.append("s", vec![0; 11], Keep { bytes: 10, ..Keep::default() }).await.unwrap_err();
    assert_eq!(error.to_string(), "the entry has 11 bytes; the store takes at most 10");
    assert!(store.publish("t", vec![0; limit::MESSAGE + 1]).await.is_err());
    assert!(store.put("k", vec![0; limit::VALUE + 1], Expect::Any, None).await.is_err());
}

#[derive(Clone, Debug)]
enum Step {
    Put(u8, Option<u8>, u8),
    Delete(u8),
    Pass(u8),
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        (0..6_u8, prop::option::of(0..6_u8), 0..3_u8).prop_map(|(key, life, expect)| Step::Put(key, life, expect)),
        (0..6_u8).prop_map(Step::Delete),
        (0..3_u8).prop_map(Step::Pass),
    ]
}

proptest! {
    /// Against a list that is searched from its end: what was put last and still lives is what is there.
    #[test]
    fn any_history_ends_as_in_a_simple_model(steps in prop::collection::vec(step(), 0..80)) {
        let clock = Clock::manual();
        let memory = Memory::with_clock(clock.clone());
        let mut model: std::collections::HashMap<u8, (usize, Option<u64>)> = std::collections::HashMap::new();
        let run = |future: Reply<'_, Put>| futures_util::FutureExt::now_or_never(future).unwrap().unwrap();
        for (turn, step) in steps.into_iter().enumerate() {
            let now = clock.millis();
            model.retain(|_, (_, ends)| ends.is_none_or(|ends| now < ends));
            match step {
                Step::Put(key, life, expect) => {
                    let life = life.map(|life| Duration::from_secs(u64::from(life)));
                    let expect = if expect == 0 { Expect::Absent } else { Expect::Any };
                    let put = run(memory.put(&key.to_string(), turn.to_string().into(), expect, life));
                    let free = expect == Expect::Any || !model.contains_key(&key);
                    prop_assert_eq!(matches!(put, Put::Stored(_)), free);
                    if free {
                        model.insert(key, (turn, life.map(|life| now + u64::try_from(life.as_millis()).unwrap())));
                    }
                }
                Step::Delete(key) => {
                    let name = key.to_string();
                    let deleted = futures_util::FutureExt::now_or_never(memory.delete(&name, None)).unwrap().unwrap();
                    prop_assert_eq!(deleted, model.remove(&key).is_some());
                }
                Step::Pass(seconds) => clock.advance(Duration::from_secs(u64::from(seconds))),
            }
            let now = clock.millis();
            for key in 0..6_u8 {
                let name = key.to_string();
                let found = futures_util::FutureExt::now_or_never(memory.get(&name)).unwrap().unwrap();
                let expected = model.get(&key).filter(|(_, ends)| ends.is_none_or(|ends| now < ends));
                prop_assert_eq!(
                    found.map(|entry| entry.value.to_vec()),
                    expected.map(|(turn, _)| turn.to_string().into_bytes())
                );
            }
        }
        prop_assert_eq!(memory.name(), "memory");
    }
}
