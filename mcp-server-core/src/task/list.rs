//! The list of a principal's tasks: bounded in number, and in the order of their creation.
//!
//! The list is kept in parts of a bounded size, each changed by compare-and-swap. A part holds for each of its tasks the
//! id and the time when it expires, so that a list is read without reading every task that ever was on it, and an entry
//! costs the same however many there are. The places in all parts together are the cap of the principal.

use futures_util::{StreamExt as _, TryStreamExt as _, stream};
use serde::{Deserialize, Serialize};

use crate::store::seal::{hash_id, random};
use crate::store::{Entry, Expect, Put, Store, StoreError};

/// How many tasks a part holds.
const ROOM: u32 = 64;
/// How many parts a new task tries before it is refused.
const TRIES: u32 = 48;
/// How often a part is written again when somebody else wrote in between.
const ATTEMPTS: usize = 64;
/// How many parts are read at once.
const AT_ONCE: usize = 16;

/// A task on a list.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(super) struct Line {
    /// When it was created, in milliseconds since 1970.
    pub(super) created: u64,
    /// Its id; its key, if it is only counted.
    pub(super) id: String,
    /// When it expires.
    pub(super) expires: u64,
    /// Whether its principal may see it listed.
    pub(super) is_shown: bool,
}

/// The tasks of one principal.
#[derive(Debug)]
pub(super) struct List<'a> {
    store: &'a Store,
    name: String,
    max: u32,
}

impl<'a> List<'a> {
    /// The list of the principal with this key, which holds so many tasks.
    pub(super) fn new(store: &'a Store, owner: &str, max: u32) -> Self {
        Self { store, name: format!("tasks/of/{}", hash_id(owner)), max }
    }

    /// Adds a task, and returns the part that it is in; `None` if the list is full. Up to 3,000 places the cap is exact;
    /// with more a task may be refused a little early.
    ///
    /// # Errors
    /// What the store says.
    pub(super) async fn add(&self, line: &Line) -> Result<Option<u32>, StoreError> {
        let parts = self.parts();
        let first = u32::from_be_bytes(random::bytes()) % parts.max(1);
        for turn in 0..parts.min(TRIES) {
            let part = (first + turn) % parts;
            let added = self.change(part, |lines| {
                let has_room = lines.len() < self.room(part);
                if has_room {
                    lines.push(line.clone());
                }
                has_room
            });
            if added.await? {
                return Ok(Some(part));
            }
        }
        Ok(None)
    }

    /// Removes a task from a part.
    ///
    /// # Errors
    /// What the store says; it stays until it expires then.
    pub(super) async fn remove(&self, part: u32, id: &str) -> Result<(), StoreError> {
        let removed = self.change(part, |lines| {
            let before = lines.len();
            lines.retain(|line| line.id != id);
            lines.len() != before
        });
        removed.await.map(drop)
    }

    /// The tasks that are shown, in the order of their creation.
    ///
    /// # Errors
    /// What the store says.
    pub(super) async fn shown(&self) -> Result<Vec<Line>, StoreError> {
        let parts = stream::iter((0..self.parts()).map(|part| self.read(part))).buffer_unordered(AT_ONCE);
        let mut lines: Vec<Line> = parts.try_concat().await?;
        lines.retain(|line| line.is_shown);
        lines.sort_unstable();
        Ok(lines)
    }

    async fn read(&self, part: u32) -> Result<Vec<Line>, StoreError> {
        Ok(self.live(self.store.get(&self.place(part)).await?.as_ref()))
    }

    /// Changes a part, unless the function returns `false`; returns what the function returned.
    async fn change(&self, part: u32, change: impl Fn(&mut Vec<Line>) -> bool) -> Result<bool, StoreError> {
        let place = self.place(part);
        let mut seen = self.store.get(&place).await?;
        for _ in 0..ATTEMPTS {
            let mut lines = self.live(seen.as_ref());
            if !change(&mut lines) {
                return Ok(false);
            }
            let last = lines.iter().map(|line| line.expires).max().unwrap_or_default();
            let value = serde_json::to_vec(&lines).unwrap_or_default();
            let expect = seen.as_ref().map_or(Expect::Absent, |entry| Expect::Version(entry.version));
            match self.store.put(&place, value, expect, Some(self.store.clock().until(last))).await? {
                Put::Stored(_) => return Ok(true),
                Put::Refused(other) => seen = other,
            }
        }
        Err(StoreError::Unavailable {
            engine: self.store.engine(),
            source: "a list of tasks was changed by others at every attempt".into(),
        })
    }

    /// What is in a part and has not expired.
    fn live(&self, entry: Option<&Entry>) -> Vec<Line> {
        let now = self.store.clock().millis();
        let lines = entry.and_then(|entry| serde_json::from_slice::<Vec<Line>>(&entry.value).ok());
        lines.unwrap_or_default().into_iter().filter(|line| line.expires > now).collect()
    }

    fn parts(&self) -> u32 {
        self.max.div_ceil(ROOM)
    }

    fn room(&self, part: u32) -> usize {
        usize::try_from(self.max.saturating_sub(part * ROOM).min(ROOM)).unwrap_or(usize::MAX)
    }

    fn place(&self, part: u32) -> String {
        format!("{}/{part}", self.name)
    }
}
