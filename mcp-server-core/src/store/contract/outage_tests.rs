//! The rules for outages under test: an engine that can be away, with one fault or none.

use std::future::ready;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use bytes::Bytes;

use super::{Outage, Passing, Subject, outage};
use crate::store::{
    Bus, Clock, Engine, Entry, Expect, Hub, Keep, Kv, Log, Memory, Offset, Put, Reply, Slice, Store, StoreError,
    Subscription, Version,
};

#[derive(Clone, Copy, Debug, PartialEq)]
enum Fault {
    None,
    AnswersWhileAway,
    ForgetsVersions,
    ForgetsEntries,
    TellsNobody,
}

/// The engine in memory behind a switch.
#[derive(Clone, Debug)]
struct Switched {
    inner: Arc<Memory>,
    hub: Hub,
    away: Arc<AtomicBool>,
    was_away: Arc<AtomicBool>,
    fault: Fault,
}

impl Switched {
    fn new(fault: Fault) -> Self {
        Self {
            inner: Arc::new(Memory::new()),
            hub: Hub::default(),
            away: Arc::default(),
            was_away: Arc::default(),
            fault,
        }
    }

    fn there(&self) -> Result<(), StoreError> {
        if self.away.load(Ordering::SeqCst) {
            return Err(StoreError::Unavailable { engine: "switched", source: "it is away".into() });
        }
        Ok(())
    }

    fn when_there<'a, T: Send + 'a>(&'a self, work: Reply<'a, T>) -> Reply<'a, T> {
        Box::pin(async {
            // Otherwise writers that never wait leave no room for anybody else.
            tokio::time::sleep(Duration::from_millis(1)).await;
            self.there()?;
            work.await
        })
    }
}

impl Kv for Switched {
    fn get<'a>(&'a self, key: &'a str) -> Reply<'a, Option<Entry>> {
        if self.fault == Fault::AnswersWhileAway { self.inner.get(key) } else { self.when_there(self.inner.get(key)) }
    }

    fn put<'a>(&'a self, key: &'a str, value: Bytes, expect: Expect, life: Option<Duration>) -> Reply<'a, Put> {
        if self.fault == Fault::ForgetsVersions && self.was_away.load(Ordering::SeqCst) {
            return Box::pin(ready(Ok(Put::Refused(None))));
        }
        self.when_there(self.inner.put(key, value, expect, life))
    }

    fn delete<'a>(&'a self, key: &'a str, version: Option<Version>) -> Reply<'a, bool> {
        self.when_there(self.inner.delete(key, version))
    }
}

impl Log for Switched {
    fn append<'a>(&'a self, stream: &'a str, data: Bytes, keep: Keep) -> Reply<'a, Offset> {
        let keep = if self.fault == Fault::ForgetsEntries { Keep { entries: 5, ..keep } } else { keep };
        self.when_there(self.inner.append(stream, data, keep))
    }

    fn read<'a>(&'a self, stream: &'a str, after: Offset, most: usize) -> Reply<'a, Slice> {
        self.when_there(self.inner.read(stream, after, most))
    }

    fn trim<'a>(&'a self, stream: &'a str, keep: Keep) -> Reply<'a, ()> {
        self.when_there(self.inner.trim(stream, keep))
    }

    fn delete_stream<'a>(&'a self, stream: &'a str) -> Reply<'a, bool> {
        self.when_there(self.inner.delete_stream(stream))
    }
}

impl Bus for Switched {
    fn publish<'a>(&'a self, topic: &'a str, message: Bytes) -> Reply<'a, ()> {
        Box::pin(async move {
            self.there()?;
            self.hub.publish(topic, &message);
            Ok(())
        })
    }

    fn subscribe<'a>(&'a self, topic: &'a str, capacity: usize) -> Reply<'a, Subscription> {
        Box::pin(async move {
            self.there()?;
            Ok(self.hub.subscribe(topic, capacity))
        })
    }
}

impl Engine for Switched {
    fn name(&self) -> &'static str {
        "switched"
    }

    fn ping(&self) -> Reply<'_, ()> {
        self.when_there(self.inner.ping())
    }

    fn clock(&self) -> Option<Clock> {
        self.inner.clock()
    }

    fn time(&self) -> Reply<'_, u64> {
        self.when_there(self.inner.time())
    }

    fn close(&self) -> Reply<'_, ()> {
        self.inner.close()
    }
}

impl Subject for Switched {
    fn open(&self) -> Reply<'_, Store> {
        Box::pin(ready(Ok(Store::new(self.clone()))))
    }

    fn pass(&self, _: Duration) -> Passing<'_> {
        Box::pin(ready(()))
    }

    fn outage(&self) -> Option<&dyn Outage> {
        Some(self)
    }
}

impl Outage for Switched {
    fn stop(&self) -> Passing<'_> {
        self.away.store(true, Ordering::SeqCst);
        self.was_away.store(true, Ordering::SeqCst);
        Box::pin(ready(()))
    }

    fn start(&self) -> Passing<'_> {
        self.away.store(false, Ordering::SeqCst);
        if self.fault != Fault::TellsNobody {
            self.hub.missed();
        }
        Box::pin(ready(()))
    }
}

#[tokio::test]
async fn an_engine_that_comes_back_whole_keeps_the_rules() {
    let subject = Switched::new(Fault::None);
    outage::whoever_asks_in_vain_is_told_in_time(&subject).await.unwrap();
    outage::what_was_confirmed_is_there_again(&subject).await.unwrap();
    outage::subscribers_are_told_and_hear_again(&subject).await.unwrap();
}

#[tokio::test]
async fn every_fault_is_found_by_the_rule_about_it() {
    let subject = Switched::new(Fault::AnswersWhileAway);
    outage::whoever_asks_in_vain_is_told_in_time(&subject).await.unwrap_err();
    for fault in [Fault::ForgetsVersions, Fault::ForgetsEntries] {
        outage::what_was_confirmed_is_there_again(&Switched::new(fault)).await.unwrap_err();
    }
    outage::subscribers_are_told_and_hear_again(&Switched::new(Fault::TellsNobody)).await.unwrap_err();
}
