//! What a rule needs of the engine it is run against, and how it says that it is broken.

use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use thiserror::Error;
use tokio::sync::Barrier;
use tokio::task::JoinSet;

use crate::store::error::StoreError;
use crate::store::handle::Store;
use crate::store::kv::{Put, Version};
use crate::store::mailbox::Subscription;
use crate::store::reply::Reply;
use crate::store::seal::random_id;
use crate::store::{Event, Expect};

/// Time passing.
pub type Passing<'a> = Pin<Box<dyn Future<Output = ()> + Send + 'a>>;

/// An engine under test.
pub trait Subject: Send + Sync {
    /// A handle to the state under test, as one more replica would open it.
    ///
    /// All handles see one state. An engine within one process gives clones of one handle. Other contents do no harm:
    /// rules use names that nobody else has.
    fn open(&self) -> Reply<'_, Store>;

    /// Lets time pass as the engine counts it: moves its clock, or waits. Rules ask for a few seconds at most.
    fn pass(&self, time: Duration) -> Passing<'_>;

    /// Whether what was stored is still there after all handles were closed.
    fn survives(&self) -> bool {
        true
    }

    /// Whether the bus reaches from one handle to another.
    fn spans(&self) -> bool {
        true
    }

    /// How the engine's server is taken away and brought back, if that can be done. It is then of this subject alone.
    fn outage(&self) -> Option<&dyn Outage> {
        None
    }
}

/// A server under test that goes away and comes back.
///
/// The rules about it are kept only by engines that have one; they run while nobody else uses the server.
pub trait Outage: Send + Sync {
    /// Takes the server away as a crash would: at once, with nothing lost that it had confirmed.
    fn stop(&self) -> Passing<'_>;

    /// Brings it back at the same address with the same data, and waits until it answers.
    fn start(&self) -> Passing<'_>;
}

/// How an engine broke a rule.
#[derive(Debug, Error)]
pub enum Broken {
    /// It did something else.
    #[error("{0}")]
    Rule(String),
    /// It failed.
    #[error("the engine failed: {0}")]
    Engine(#[from] StoreError),
}

/// Holds a rule.
pub(super) fn hold(holds: bool, otherwise: impl FnOnce() -> String) -> Result<(), Broken> {
    if holds { Ok(()) } else { Err(Broken::Rule(otherwise())) }
}

/// A name that no other rule uses.
pub(super) fn unique(what: &str) -> String {
    format!("contract/{what}/{}", random_id())
}

/// Puts what must be stored.
pub(super) async fn stored(
    store: &Store,
    key: &str,
    value: impl Into<bytes::Bytes>,
    expect: Expect,
    life: Option<Duration>,
) -> Result<Version, Broken> {
    match store.put(key, value, expect, life).await? {
        Put::Stored(version) => Ok(version),
        Put::Refused(found) => Err(Broken::Rule(format!("a put that expected {expect:?} was refused over {found:?}"))),
    }
}

/// The next event, which must come within ten seconds.
pub(super) async fn next(subscription: &mut Subscription) -> Result<Event, Broken> {
    match tokio::time::timeout(Duration::from_secs(10), subscription.recv()).await {
        Ok(Some(event)) => Ok(event),
        Ok(None) => Err(Broken::Rule("a subscription ended by itself".to_owned())),
        Err(_) => Err(Broken::Rule("a message did not arrive within 10 s".to_owned())),
    }
}

/// All that tasks returned, which begin together: they race.
pub(super) async fn gather<T: Send + 'static>(
    tasks: impl IntoIterator<Item = impl Future<Output = Result<T, Broken>> + Send + 'static>,
) -> Result<Vec<T>, Broken> {
    let tasks: Vec<_> = tasks.into_iter().collect();
    let line = Arc::new(Barrier::new(tasks.len()));
    let mut running = JoinSet::new();
    for task in tasks {
        let line = Arc::clone(&line);
        running.spawn(async move {
            line.wait().await;
            task.await
        });
    }
    let mut results = Vec::new();
    while let Some(ended) = running.join_next().await {
        results.push(ended.map_err(|error| Broken::Rule(format!("a task of the rule died: {error}")))??);
    }
    Ok(results)
}

/// Bytes that trip what is not made for bytes: none, all there are, no UTF-8, quotes, many.
pub(super) fn awkward() -> Vec<Vec<u8>> {
    vec![
        Vec::new(),
        (0..=u8::MAX).collect(),
        vec![0],
        vec![0xFF, 0xFE, 0x00, 0xC3, 0x28],
        b"'; DROP TABLE kv; -- \" \\ %s {}".to_vec(),
        (0..1_000_000_u32).map(|n| n.to_le_bytes()[0] ^ n.to_le_bytes()[1]).collect(),
    ]
}
