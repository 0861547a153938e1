//! Who works on what: so that the tasks of a replica that died are found, although a store can list nothing.
//!
//! Each replica writes the keys of its tasks on pages of its own, before the tasks themselves, and one directory names
//! every page. A page holds a bounded number of keys, so that entering a task costs the same however many there are.
//!
//! Pages change by compare-and-swap only. A replica that took over everything on a page deletes exactly the version that
//! it read. Whoever enters a key on a page that is gone, because it was taken for dead, notices and begins a new page. A
//! task is made only after its key is on a page and the page is in the directory, so a task is found whenever its worker
//! dies.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::store::seal::random_id;
use crate::store::{Expect, Put, Replica, Store, StoreError, Version};

/// The directory of all pages.
const DIRECTORY: &str = "tasks/pages";
/// How many keys a page holds.
const ROOM: usize = 32;
/// How often a record is written again when somebody else wrote in between.
const ATTEMPTS: usize = 64;
/// How much longer a page is kept than the last task on it.
const SLACK: Duration = Duration::from_mins(1);

/// The keys of tasks with the time when each expires.
type Keys = BTreeMap<String, u64>;

/// The tasks that this process works on, for the other replicas to know.
#[derive(Debug)]
pub(super) struct Index {
    store: Store,
    replica: Arc<Replica>,
    tasks: Mutex<Tasks>,
    /// The pages of this process; locked while one is written.
    pages: tokio::sync::Mutex<Vec<OwnPage>>,
}

#[derive(Debug, Default)]
struct Tasks {
    /// The tasks in work.
    live: HashMap<String, u64>,
    /// Those that are on no page yet.
    pending: Vec<String>,
}

/// A page of this process, as it is in the store.
#[derive(Debug)]
struct OwnPage {
    id: String,
    /// `None` if the outcome of the last write is unknown.
    version: Option<Version>,
    keys: Keys,
}

/// A line of the directory.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Listed {
    page: String,
    pub(super) replica: String,
}

/// A page of a replica that died.
#[derive(Clone, Debug)]
pub(crate) struct Orphans {
    page: String,
    version: Version,
    /// The replica that worked on these tasks.
    pub(crate) worker: String,
    /// The keys of the tasks, with the time when each expires.
    pub(crate) tasks: Vec<(String, u64)>,
}

impl Index {
    pub(super) fn new(store: Store, replica: Arc<Replica>) -> Self {
        Self { store, replica, tasks: Mutex::default(), pages: tokio::sync::Mutex::default() }
    }

    /// Adds a task; when this returns, others can find it. Many that come at once are written as one.
    ///
    /// # Errors
    /// What the store says; then nothing may be begun under this key.
    pub(super) async fn add(&self, key: &str, expires: u64) -> Result<(), StoreError> {
        {
            let mut tasks = self.tasks();
            tasks.live.insert(key.to_owned(), expires);
            tasks.pending.push(key.to_owned());
        }
        let mut pages = self.pages.lock().await;
        if pages.iter().any(|page| page.version.is_some() && page.keys.contains_key(key)) {
            // Written together with another one while this waited.
            return Ok(());
        }
        let mut taken = self.take_pending(&pages);
        taken.insert(key.to_owned(), expires);
        let entered = self.enter(&mut pages, &taken).await;
        if entered.is_err() {
            let mut tasks = self.tasks();
            // Nothing begins under this key; the others are begun or wait for this lock.
            tasks.live.remove(key);
            tasks.pending.extend(taken.into_keys().filter(|other| other != key));
        }
        entered
    }

    /// Takes a task off. Its page says so when it is written the next time.
    pub(super) fn remove(&self, key: &str) {
        self.tasks().live.remove(key);
    }

    /// All pages, as far as is known.
    ///
    /// # Errors
    /// What the store says.
    pub(super) async fn directory(&self) -> Result<Vec<Listed>, StoreError> {
        let entry = self.store.get(DIRECTORY).await?;
        Ok(entry.and_then(|entry| serde_json::from_slice(&entry.value).ok()).unwrap_or_default())
    }

    /// What is on a page of a replica that died; a page that is gone leaves the directory.
    ///
    /// # Errors
    /// What the store says.
    pub(super) async fn read(&self, listed: Listed) -> Result<Option<Orphans>, StoreError> {
        let Some(entry) = self.store.get(&place(&listed.page)).await? else {
            self.change(|pages| pages.retain(|other| *other != listed)).await?;
            return Ok(None);
        };
        let keys: Keys = serde_json::from_slice(&entry.value).unwrap_or_default();
        let Listed { page, replica } = listed;
        Ok(Some(Orphans { page, version: entry.version, worker: replica, tasks: keys.into_iter().collect() }))
    }

    /// Removes a page of a replica that died, once everything that was read on it is taken care of. A page that changed
    /// meanwhile stays: its replica lives.
    ///
    /// # Errors
    /// What the store says.
    pub(super) async fn remove_page(&self, orphans: &Orphans) -> Result<(), StoreError> {
        if self.store.delete(&place(&orphans.page), Some(orphans.version)).await? {
            self.change(|pages| pages.retain(|listed| listed.page != orphans.page)).await?;
        }
        Ok(())
    }

    /// Removes the pages of this process that hold no task in work. Those that do are left to be found.
    ///
    /// # Errors
    /// What the store says; the pages expire by themselves then.
    pub(super) async fn close(&self) -> Result<(), StoreError> {
        let mut pages = self.pages.lock().await;
        let mut gone = Vec::new();
        for page in pages.iter() {
            let is_empty = !page.keys.keys().any(|key| self.tasks().live.contains_key(key));
            if is_empty && self.store.delete(&place(&page.id), page.version).await? {
                gone.push(page.id.clone());
            }
        }
        pages.retain(|page| !gone.contains(&page.id));
        if gone.is_empty() {
            return Ok(());
        }
        self.change(|listed| listed.retain(|listed| !gone.contains(&listed.page))).await
    }

    /// Takes some of the tasks that are on no page yet, and leaves room for one more.
    fn take_pending(&self, pages: &[OwnPage]) -> Keys {
        let mut tasks = self.tasks();
        let count = tasks.pending.len().min(ROOM - 1);
        let taken: Vec<String> = tasks.pending.drain(..count).collect();
        let is_new = |key: &String| !pages.iter().any(|page| page.keys.contains_key(key));
        let taken = taken.into_iter().filter(is_new);
        taken.filter_map(|key| tasks.live.get(&key).copied().map(|expires| (key, expires))).collect()
    }

    /// Enters keys on the first page with room, or on a new one.
    async fn enter(&self, pages: &mut Vec<OwnPage>, keys: &Keys) -> Result<(), StoreError> {
        for at in 0..pages.len() {
            let Some(page) = pages.get_mut(at) else { break };
            let mut all = self.in_work(&page.keys);
            if all.len() + keys.len() > ROOM {
                continue;
            }
            all.extend(keys.clone());
            if self.write(page, &all).await? {
                return Ok(());
            }
            // It expired, or another replica took this one for dead and saw to what was on it.
            let gone = pages.swap_remove(at).id;
            return self.begin(pages, all, Some(&gone)).await;
        }
        self.begin(pages, keys.clone(), None).await
    }

    /// Begins a page: written before it is listed, so that nobody takes it for one that is gone.
    async fn begin(&self, pages: &mut Vec<OwnPage>, keys: Keys, gone: Option<&str>) -> Result<(), StoreError> {
        let id = random_id();
        let version = self.store.set(&place(&id), encoded(&keys), Some(self.ttl(&keys))).await?;
        let listed = Listed { page: id.clone(), replica: self.replica.id().to_owned() };
        let change = |pages: &mut Vec<Listed>| {
            pages.retain(|other| gone != Some(other.page.as_str()));
            pages.push(listed.clone());
        };
        self.change(change).await?;
        pages.push(OwnPage { id, version: Some(version), keys });
        Ok(())
    }

    /// Writes a page; says whether it is still there.
    async fn write(&self, page: &mut OwnPage, keys: &Keys) -> Result<bool, StoreError> {
        let place = place(&page.id);
        let mut version = match page.version.take() {
            Some(version) => Some(version),
            None => self.store.get(&place).await?.map(|entry| entry.version),
        };
        while let Some(expected) = version {
            match self.store.put(&place, encoded(keys), Expect::Version(expected), Some(self.ttl(keys))).await? {
                Put::Stored(version) => {
                    page.version = Some(version);
                    page.keys.clone_from(keys);
                    return Ok(true);
                }
                // Nobody else writes it: an earlier write whose outcome was not known was done.
                Put::Refused(other) => version = other.map(|entry| entry.version),
            }
        }
        Ok(false)
    }

    fn in_work(&self, keys: &Keys) -> Keys {
        let tasks = self.tasks();
        keys.iter().filter(|(key, _)| tasks.live.contains_key(*key)).map(|(key, ends)| (key.clone(), *ends)).collect()
    }

    fn ttl(&self, keys: &Keys) -> Duration {
        let last = keys.values().copied().max().unwrap_or_default();
        self.store.clock().until(last).saturating_add(SLACK)
    }

    async fn change(&self, change: impl Fn(&mut Vec<Listed>)) -> Result<(), StoreError> {
        let mut seen = self.store.get(DIRECTORY).await?;
        for _ in 0..ATTEMPTS {
            let mut pages: Vec<Listed> =
                seen.as_ref().and_then(|entry| serde_json::from_slice(&entry.value).ok()).unwrap_or_default();
            change(&mut pages);
            let expect = seen.as_ref().map_or(Expect::Absent, |entry| Expect::Version(entry.version));
            let put = match &seen {
                // Nothing is left of it.
                Some(entry) if pages.is_empty() => {
                    let deleted = self.store.delete(DIRECTORY, Some(entry.version)).await?;
                    if deleted { None } else { Some(self.store.get(DIRECTORY).await?) }
                }
                _ => match self.store.put(DIRECTORY, encoded(&pages), expect, None).await? {
                    Put::Stored(_) => None,
                    Put::Refused(other) => Some(other),
                },
            };
            let Some(other) = put else { return Ok(()) };
            seen = other;
        }
        Err(StoreError::Unavailable {
            engine: self.store.engine(),
            source: "the directory of tasks was changed by others at every attempt".into(),
        })
    }

    fn tasks(&self) -> MutexGuard<'_, Tasks> {
        self.tasks.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn encoded(value: &impl Serialize) -> Vec<u8> {
    serde_json::to_vec(value).unwrap_or_default()
}

fn place(page: &str) -> String {
    format!("tasks/page/{page}")
}

#[cfg(test)]
mod tests;
