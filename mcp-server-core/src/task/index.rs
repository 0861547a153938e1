//! Who works on what: so that the tasks of a replica that died are found, although a store can list nothing.
//!
//! Each replica writes the keys of its own tasks under its own name, before the tasks themselves, and one list names
//! the replicas that do. A key may stand there without its task; never a task without its key.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, PoisonError};

use crate::store::{Expect, Put, Replica, Store, StoreError};

/// The replicas that have tasks.
const WORKERS: &str = "tasks/workers";
/// How often the list is written again when somebody else wrote in between.
const ATTEMPTS: usize = 64;

/// The tasks that this process works on, for the others to know.
#[derive(Debug)]
pub(super) struct Index {
    store: Store,
    replica: Arc<Replica>,
    tasks: Mutex<Tasks>,
    /// Which state of the tasks is written; held while one is.
    written: tokio::sync::Mutex<u64>,
}

#[derive(Debug, Default)]
struct Tasks {
    keys: BTreeSet<String>,
    state: u64,
}

impl Index {
    pub(super) fn new(store: Store, replica: Arc<Replica>) -> Self {
        Self { store, replica, tasks: Mutex::default(), written: tokio::sync::Mutex::new(0) }
    }

    /// Adds a task; it is written when this returns. Many that come at once are written as one.
    pub(super) async fn add(&self, key: &str) -> Result<(), StoreError> {
        let wanted = {
            let mut tasks = self.tasks();
            tasks.keys.insert(key.to_owned());
            tasks.state += 1;
            tasks.state
        };
        self.write(wanted).await
    }

    /// Takes a task off; the others learn of it with the next one that is added.
    pub(super) fn remove(&self, key: &str) {
        self.tasks().keys.remove(key);
    }

    /// The replicas that have tasks, as far as is known.
    pub(super) async fn workers(&self) -> Result<Vec<String>, StoreError> {
        let entry = self.store.get(WORKERS).await?;
        Ok(entry.and_then(|entry| serde_json::from_slice(&entry.value).ok()).unwrap_or_default())
    }

    /// The tasks of a replica.
    pub(super) async fn tasks_of(&self, replica: &str) -> Result<Vec<String>, StoreError> {
        let entry = self.store.get(&tasks_of(replica)).await?;
        Ok(entry.and_then(|entry| serde_json::from_slice(&entry.value).ok()).unwrap_or_default())
    }

    /// Strikes a replica off that has no tasks any more.
    pub(super) async fn strike(&self, replica: &str) -> Result<(), StoreError> {
        self.store.delete(&tasks_of(replica), None).await?;
        self.change(|workers| workers.retain(|other| other != replica)).await
    }

    /// Writes the own tasks again if the others took this replica for dead meanwhile.
    pub(super) async fn repair(&self, workers: &[String]) -> Result<(), StoreError> {
        let me = self.replica.id();
        if self.tasks().keys.is_empty() || workers.iter().any(|worker| worker == me) {
            return Ok(());
        }
        let mut written = self.written.lock().await;
        *written = 0;
        drop(written);
        let state = self.tasks().state;
        self.write(state).await
    }

    async fn write(&self, wanted: u64) -> Result<(), StoreError> {
        let mut written = self.written.lock().await;
        if *written >= wanted {
            return Ok(());
        }
        let (keys, state) = {
            let tasks = self.tasks();
            (serde_json::to_vec(&tasks.keys).unwrap_or_default(), tasks.state)
        };
        let me = self.replica.id();
        if *written == 0 {
            self.change(|workers| {
                workers.retain(|other| other != me);
                workers.push(me.to_owned());
            })
            .await?;
        }
        self.store.set(&tasks_of(me), keys, None).await?;
        *written = state;
        Ok(())
    }

    async fn change(&self, change: impl Fn(&mut Vec<String>)) -> Result<(), StoreError> {
        let mut seen = self.store.get(WORKERS).await?;
        for _ in 0..ATTEMPTS {
            let mut workers: Vec<String> =
                seen.as_ref().and_then(|entry| serde_json::from_slice(&entry.value).ok()).unwrap_or_default();
            change(&mut workers);
            let expect = seen.as_ref().map_or(Expect::Absent, |entry| Expect::Version(entry.version));
            match self.store.put(WORKERS, serde_json::to_vec(&workers).unwrap_or_default(), expect, None).await? {
                Put::Stored(_) => return Ok(()),
                Put::Refused(other) => seen = other,
            }
        }
        Err(StoreError::Unavailable {
            engine: self.store.engine(),
            source: "the list of workers was changed by others at every attempt".into(),
        })
    }

    fn tasks(&self) -> std::sync::MutexGuard<'_, Tasks> {
        self.tasks.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn tasks_of(replica: &str) -> String {
    format!("tasks/by/{replica}")
}
