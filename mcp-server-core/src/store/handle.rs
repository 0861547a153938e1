//! A store is the handle to an engine.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use opentelemetry::KeyValue;

use super::breaker::Health;
use super::clock::Clock;
use super::engine::Engine;
use super::error::StoreError;
use super::kv::{Entry, Expect, Put, Version};
use super::limit;
use super::log::{Keep, Offset, Slice};
use super::mailbox::Subscription;
use super::patience::Patient;
#[cfg(doc)]
use super::{Bus, Kv, Log, StoreErrorKind};
use crate::telemetry::semconv::attribute;
use crate::telemetry::{Telemetry, instruments};

/// How long an operation may take of a store that nobody gave a deadline.
const DEADLINE: Duration = Duration::from_secs(10);

/// A handle to an engine; cheap to clone, shared by everybody in the process.
///
/// Names are 1 to [`limit::NAME`] bytes without NUL, by convention paths such as `session/<hash>`. Every method fails
/// with [`StoreError::Name`] or [`StoreError::TooLarge`] for what is not within [`limit`], and with the other variants
/// for what the engine cannot do.
///
/// Every operation ends within the store's deadline, as [`StoreError::Unavailable`] if the engine has not answered by
/// then; a write that was given up may yet be done. After several operations in a row without an answer the store is
/// [`Health::Down`]: operations fail at once, so that callers neither wait nor pile up, while the engine is probed. They
/// go through again as soon as a probe is answered.
#[derive(Clone, Debug)]
pub struct Store(Arc<Patient>);

impl Store {
    /// A handle to an engine, with a deadline of 10 s.
    pub fn new(engine: impl Engine) -> Self {
        let clock = engine.clock().unwrap_or_else(Clock::steady);
        Self(Patient::new(Arc::new(engine), clock, DEADLINE))
    }

    /// A handle to an engine that others hold as well.
    #[cfg(test)]
    pub(crate) fn over(engine: Arc<dyn Engine>, deadline: Duration) -> Self {
        let clock = engine.clock().unwrap_or_else(Clock::steady);
        Self(Patient::new(engine, clock, deadline))
    }

    /// The engine.
    #[cfg(test)]
    pub(crate) fn engine_behind(&self) -> Arc<dyn Engine> {
        Arc::clone(&self.0.engine)
    }

    /// A handle to the same engine with a deadline of its own, and a health of its own.
    ///
    /// ```
    /// use std::time::Duration;
    /// use mcp_server_core::store::{Health, Store};
    ///
    /// let store = Store::memory().within(Duration::from_millis(500));
    /// assert_eq!(store.health(), Health::Up);
    /// ```
    #[must_use]
    pub fn within(&self, deadline: Duration) -> Self {
        Self(Patient::new(Arc::clone(&self.0.engine), self.0.clock().clone(), deadline))
    }

    /// Has the operations of this handle and its clones measured from now on.
    pub(crate) fn measured(&self, telemetry: &Telemetry) {
        if let Some(meters) = telemetry.meters() {
            self.0.measure(Arc::clone(meters));
            let health = Arc::downgrade(&self.0);
            meters.watch(&instruments::STORE_UP, health, |patient| {
                let up = if patient.health() == Health::Down { 0.0 } else { 1.0 };
                vec![(vec![KeyValue::new(attribute::ENGINE, patient.engine.name())], up)]
            });
        }
    }

    /// How long an operation may take.
    pub(crate) fn deadline(&self) -> Duration {
        self.0.deadline()
    }

    /// The error of work of several operations that was not done within the deadline.
    pub(crate) fn late(&self) -> StoreError {
        self.0.late()
    }

    /// Whether the engine answers, as far as the operations up to now tell. [`ping`](Self::ping) asks it.
    pub fn health(&self) -> Health {
        self.0.health()
    }

    /// The health as it changes.
    #[cfg(test)]
    pub(crate) fn watch(&self) -> tokio::sync::watch::Receiver<Health> {
        self.0.watch()
    }

    /// A store in the memory of this process.
    pub fn memory() -> Self {
        Self::new(super::Memory::new())
    }

    /// The engine's name.
    pub fn engine(&self) -> &'static str {
        self.0.engine.name()
    }

    /// The clock of the store: its time is the one that all replicas share.
    ///
    /// Where a server keeps the time, the clock follows it: it is set when the store is opened and with every heartbeat
    /// of the replica, and runs steadily in between. Reading it asks nobody.
    pub fn clock(&self) -> &Clock {
        self.0.clock()
    }

    /// Sets the clock by the engine's time, if a server keeps that.
    ///
    /// # Errors
    /// What the engine says; the clock goes on as it was.
    pub(crate) async fn synchronize(&self) -> Result<(), StoreError> {
        self.0.synchronize().await
    }

    /// Removes some of what has expired. See [`Engine::sweep`].
    pub(crate) async fn sweep(&self) -> Result<(), StoreError> {
        self.0.ask("sweep", |engine| engine.sweep()).await
    }

    /// Asks the engine what time it is, in milliseconds since 1970. See [`Engine::time`].
    pub async fn time(&self) -> Result<u64, StoreError> {
        self.0.ask("time", |engine| engine.time()).await
    }

    /// The value of a key. See [`Kv::get`].
    pub async fn get(&self, key: &str) -> Result<Option<Entry>, StoreError> {
        name("the key", key)?;
        self.0.ask("get", |engine| engine.get(key)).await
    }

    /// Stores a value if the key is as expected. See [`Kv::put`].
    pub async fn put(
        &self,
        key: &str,
        value: impl Into<Bytes>,
        expect: Expect,
        life: Option<Duration>,
    ) -> Result<Put, StoreError> {
        let value = value.into();
        name("the key", key)?;
        size("the value", &value, limit::VALUE as u64)?;
        self.0.ask("put", |engine| engine.put(key, value, expect, life)).await
    }

    /// Stores a value over whatever is there, and returns its version.
    pub async fn set(&self, key: &str, value: impl Into<Bytes>, life: Option<Duration>) -> Result<Version, StoreError> {
        self.put(key, value, Expect::Any, life).await?.stored().ok_or_else(|| StoreError::Corrupt {
            engine: self.engine(),
            source: "it refused a value that was to replace any other".into(),
        })
    }

    /// Deletes a value, only in the state `version` if one is given. See [`Kv::delete`].
    pub async fn delete(&self, key: &str, version: Option<Version>) -> Result<bool, StoreError> {
        name("the key", key)?;
        self.0.ask("delete", |engine| engine.delete(key, version)).await
    }

    /// Adds an entry to a stream and trims the stream. See [`Log::append`].
    pub async fn append(&self, stream: &str, data: impl Into<Bytes>, keep: Keep) -> Result<Offset, StoreError> {
        let data = data.into();
        name("the stream", stream)?;
        size("the entry", &data, keep.bytes.min(limit::VALUE as u64))?;
        self.0.ask("append", |engine| engine.append(stream, data, Keep { entries: keep.entries.max(1), ..keep })).await
    }

    /// Reads entries after an offset, at most `most` (one at least) and at most [`limit::READ`]. See [`Log::read`].
    pub async fn read(&self, stream: &str, after: Offset, most: usize) -> Result<Slice, StoreError> {
        name("the stream", stream)?;
        self.0.ask("read", |engine| engine.read(stream, after, most.clamp(1, limit::READ))).await
    }

    /// Trims a stream. See [`Log::trim`].
    pub async fn trim(&self, stream: &str, keep: Keep) -> Result<(), StoreError> {
        name("the stream", stream)?;
        self.0.ask("trim", |engine| engine.trim(stream, keep)).await
    }

    /// Deletes a stream. See [`Log::delete_stream`].
    pub async fn delete_stream(&self, stream: &str) -> Result<bool, StoreError> {
        name("the stream", stream)?;
        self.0.ask("delete_stream", |engine| engine.delete_stream(stream)).await
    }

    /// Sends a message to whoever listens. See [`Bus::publish`].
    pub async fn publish(&self, topic: &str, message: impl Into<Bytes>) -> Result<(), StoreError> {
        let message = message.into();
        name("the topic", topic)?;
        size("the message", &message, limit::MESSAGE as u64)?;
        self.0.ask("publish", |engine| engine.publish(topic, message)).await
    }

    /// Listens to a topic; at most `capacity` messages wait, and at most [`limit::WAITING`]. See [`Bus::subscribe`].
    pub async fn subscribe(&self, topic: &str, capacity: usize) -> Result<Subscription, StoreError> {
        name("the topic", topic)?;
        self.0.ask("subscribe", |engine| engine.subscribe(topic, capacity.clamp(1, limit::WAITING))).await
    }

    /// Asks the engine whether it can do its work now, even while the store is [`Health::Down`].
    pub async fn ping(&self) -> Result<(), StoreError> {
        self.0.ping().await
    }

    /// Closes the engine, for every clone of this handle.
    pub async fn close(&self) -> Result<(), StoreError> {
        self.0.close().await
    }
}

fn name(what: &'static str, name: &str) -> Result<(), StoreError> {
    if name.is_empty() || name.len() > limit::NAME || name.contains('\0') {
        return Err(StoreError::Name { what });
    }
    Ok(())
}

fn size(what: &'static str, data: &Bytes, limit: u64) -> Result<(), StoreError> {
    let bytes = data.len() as u64;
    if bytes > limit { Err(StoreError::TooLarge { what, bytes, limit }) } else { Ok(()) }
}
