//! An engine that goes away on demand and comes back, for tests of what stands above it.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use tokio::sync::watch;

use crate::store::error::StoreError;
use crate::store::kv::{Entry, Expect, Put, Version};
use crate::store::log::{Keep, Offset, Slice};
use crate::store::mailbox::Subscription;
use crate::store::reply::Reply;
use crate::store::{Bus, Clock, Engine, Kv, Log};

/// How an engine is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Mode {
    Works,
    Fails,
    Hangs,
}

/// An engine that an [`Interruption`] can take away.
///
/// ```
/// use std::time::Duration;
/// use mcp_server_core::store::contract::Interruptible;
/// use mcp_server_core::store::{Memory, Store};
///
/// # tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(async {
/// let (engine, interruption) = Interruptible::over(Memory::new());
/// let store = Store::new(engine).within(Duration::from_millis(20));
/// interruption.hang();
/// assert!(store.get("key").await.is_err_and(|error| error.is_retryable()));
/// interruption.end();
/// assert!(store.get("key").await?.is_none());
/// # Ok::<(), mcp_server_core::store::StoreError>(())
/// # }).unwrap();
/// ```
#[derive(Clone, Debug)]
pub struct Interruptible {
    engine: Arc<dyn Engine>,
    mode: watch::Receiver<Mode>,
    is_remote: bool,
}

/// Takes an [`Interruptible`] engine away and gives it back; its clones do the same.
#[derive(Clone, Debug)]
pub struct Interruption(watch::Sender<Mode>);

impl Interruptible {
    /// An engine that works, and what interrupts it.
    pub fn over(engine: impl Engine) -> (Self, Interruption) {
        let (sender, mode) = watch::channel(Mode::Works);
        (Self { engine: Arc::new(engine), mode, is_remote: false }, Interruption(sender))
    }

    /// As [`over`](Self::over), and the engine keeps the time as a server does: each [`Store`](crate::store::Store) over a
    /// clone has a clock of its own, which is right only once it has asked.
    pub fn remote(engine: impl Engine) -> (Self, Interruption) {
        let (interruptible, interruption) = Self::over(engine);
        (Self { is_remote: true, ..interruptible }, interruption)
    }

    /// Asks the engine, once it works again if it hangs.
    fn ask<'a, T: Send + 'a>(&'a self, ask: impl FnOnce(&'a dyn Engine) -> Reply<'a, T> + Send + 'a) -> Reply<'a, T> {
        if *self.mode.borrow() == Mode::Works {
            return ask(&*self.engine);
        }
        let mut mode = self.mode.clone();
        Box::pin(async move {
            // Without an interruption that could end it, it hangs for ever.
            if mode.wait_for(|mode| *mode != Mode::Hangs).await.is_err() {
                std::future::pending::<()>().await;
            }
            if *mode.borrow() == Mode::Fails {
                return Err(StoreError::Unavailable {
                    engine: self.engine.name(),
                    source: "it was interrupted on purpose".into(),
                });
            }
            ask(&*self.engine).await
        })
    }
}

impl Interruption {
    /// From now on every operation fails as unavailable, as with a server that refuses connections.
    pub fn fail(&self) {
        self.0.send_replace(Mode::Fails);
    }

    /// From now on no operation ends, as with a server that is paused; those that are still waited for go on at the end.
    pub fn hang(&self) {
        self.0.send_replace(Mode::Hangs);
    }

    /// The engine works again.
    pub fn end(&self) {
        self.0.send_replace(Mode::Works);
    }
}

impl Kv for Interruptible {
    fn get<'a>(&'a self, key: &'a str) -> Reply<'a, Option<Entry>> {
        self.ask(move |engine| engine.get(key))
    }

    fn put<'a>(&'a self, key: &'a str, value: Bytes, expect: Expect, life: Option<Duration>) -> Reply<'a, Put> {
        self.ask(move |engine| engine.put(key, value, expect, life))
    }

    fn delete<'a>(&'a self, key: &'a str, version: Option<Version>) -> Reply<'a, bool> {
        self.ask(move |engine| engine.delete(key, version))
    }
}

impl Log for Interruptible {
    fn append<'a>(&'a self, stream: &'a str, data: Bytes, keep: Keep) -> Reply<'a, Offset> {
        self.ask(move |engine| engine.append(stream, data, keep))
    }

    fn read<'a>(&'a self, stream: &'a str, after: Offset, most: usize) -> Reply<'a, Slice> {
        self.ask(move |engine| engine.read(stream, after, most))
    }

    fn trim<'a>(&'a self, stream: &'a str, keep: Keep) -> Reply<'a, ()> {
        self.ask(move |engine| engine.trim(stream, keep))
    }

    fn delete_stream<'a>(&'a self, stream: &'a str) -> Reply<'a, bool> {
        self.ask(move |engine| engine.delete_stream(stream))
    }
}

impl Bus for Interruptible {
    fn publish<'a>(&'a self, topic: &'a str, message: Bytes) -> Reply<'a, ()> {
        self.ask(move |engine| engine.publish(topic, message))
    }

    fn subscribe<'a>(&'a self, topic: &'a str, capacity: usize) -> Reply<'a, Subscription> {
        self.ask(move |engine| engine.subscribe(topic, capacity))
    }
}

impl Engine for Interruptible {
    fn name(&self) -> &'static str {
        self.engine.name()
    }

    fn ping(&self) -> Reply<'_, ()> {
        self.ask(|engine| engine.ping())
    }

    fn clock(&self) -> Option<Clock> {
        self.engine.clock().filter(|_| !self.is_remote)
    }

    fn time(&self) -> Reply<'_, u64> {
        self.ask(|engine| engine.time())
    }

    fn sweep(&self) -> Reply<'_, ()> {
        self.ask(|engine| engine.sweep())
    }

    fn close(&self) -> Reply<'_, ()> {
        self.engine.close()
    }
}
