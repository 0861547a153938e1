//! The engine itself: the maps behind their locks.

use std::future::ready;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use bytes::Bytes;

use super::streams::Streams;
use super::values::Values;
use crate::store::bus::Bus;
use crate::store::clock::Clock;
use crate::store::engine::Engine;
use crate::store::error::StoreError;
use crate::store::hub::Hub;
use crate::store::kv::{Entry, Expect, Kv, Put, Version};
use crate::store::log::{Keep, Log, Offset, Slice};
use crate::store::mailbox::Subscription;
use crate::store::reply::Reply;

/// The engine in the memory of this process: nothing outlives it, nothing is shared with another.
///
/// Expired values leave memory with later writes, a few each, and with each sweep. All replies are ready at once.
///
/// ```
/// use mcp_server_core::store::{Memory, Store};
///
/// assert_eq!(Store::new(Memory::new()).engine(), "memory");
/// ```
#[derive(Debug)]
pub struct Memory {
    values: Mutex<Values>,
    streams: Mutex<Streams>,
    hub: Hub,
    clock: Clock,
    closed: AtomicBool,
}

impl Memory {
    /// An empty store.
    pub fn new() -> Self {
        Self::with_clock(Clock::steady())
    }

    /// An empty store with a clock of the caller's, so that tests need not wait.
    pub fn with_clock(clock: Clock) -> Self {
        Self {
            values: Mutex::default(),
            streams: Mutex::default(),
            hub: Hub::default(),
            clock,
            closed: AtomicBool::new(false),
        }
    }

    /// How many values and streams take memory now, expired ones that were not yet swept included.
    pub fn held(&self) -> usize {
        lock(&self.values).held() + lock(&self.streams).held()
    }

    fn answer<'a, T: Send + 'a>(&self, work: impl FnOnce(u64) -> T) -> Reply<'a, T> {
        if self.closed.load(Ordering::Acquire) {
            return Box::pin(ready(Err(closed())));
        }
        Box::pin(ready(Ok(work(self.clock.millis()))))
    }
}

impl Default for Memory {
    fn default() -> Self {
        Self::new()
    }
}

impl Kv for Memory {
    fn get<'a>(&'a self, key: &'a str) -> Reply<'a, Option<Entry>> {
        self.answer(|now| lock(&self.values).get(key, now))
    }

    fn put<'a>(&'a self, key: &'a str, value: Bytes, expect: Expect, life: Option<Duration>) -> Reply<'a, Put> {
        let ends = self.clock.end_of(life);
        self.answer(|now| lock(&self.values).put(key, value, expect, ends, now))
    }

    fn delete<'a>(&'a self, key: &'a str, version: Option<Version>) -> Reply<'a, bool> {
        self.answer(|now| lock(&self.values).delete(key, version, now))
    }
}

impl Log for Memory {
    fn append<'a>(&'a self, stream: &'a str, data: Bytes, keep: Keep) -> Reply<'a, Offset> {
        self.answer(|now| lock(&self.streams).append(stream, data, keep, now))
    }

    fn read<'a>(&'a self, stream: &'a str, after: Offset, most: usize) -> Reply<'a, Slice> {
        self.answer(|now| lock(&self.streams).read(stream, after, most, now))
    }

    fn trim<'a>(&'a self, stream: &'a str, keep: Keep) -> Reply<'a, ()> {
        self.answer(|now| lock(&self.streams).trim(stream, keep, now))
    }

    fn delete_stream<'a>(&'a self, stream: &'a str) -> Reply<'a, bool> {
        self.answer(|now| lock(&self.streams).delete(stream, now))
    }
}

impl Bus for Memory {
    fn publish<'a>(&'a self, topic: &'a str, message: Bytes) -> Reply<'a, ()> {
        self.answer(|_| {
            self.hub.publish(topic, &message);
        })
    }

    fn subscribe<'a>(&'a self, topic: &'a str, capacity: usize) -> Reply<'a, Subscription> {
        self.answer(|_| self.hub.subscribe(topic, capacity))
    }
}

impl Engine for Memory {
    fn name(&self) -> &'static str {
        "memory"
    }

    fn ping(&self) -> Reply<'_, ()> {
        self.answer(|_| ())
    }

    fn clock(&self) -> Option<Clock> {
        Some(self.clock.clone())
    }

    fn time(&self) -> Reply<'_, u64> {
        self.answer(|now| now)
    }

    fn sweep(&self) -> Reply<'_, ()> {
        self.answer(|now| {
            lock(&self.values).sweep(now);
            lock(&self.streams).sweep(now);
        })
    }

    fn close(&self) -> Reply<'_, ()> {
        self.closed.store(true, Ordering::Release);
        self.hub.close();
        Box::pin(ready(Ok(())))
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    // The maps are consistent after every step that can panic, so a panic elsewhere is no reason to stop serving.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn closed() -> StoreError {
    StoreError::Unavailable { engine: "memory", source: "it was closed".into() }
}
