//! The board: where tasks are kept, found and changed.

use std::sync::Arc;
use std::time::Duration;

use super::limits::TaskLimits;
use super::list::{Line, List};
use super::record::{Answer, FORM, Fence, Input, Record, Status, Work};
use super::step::{self, Step, Verdict};
use super::wake::{Wakes, Watch};
use crate::store::seal::{hash_id, random_id};
use crate::store::{Clock, Entry, Expect, Put, Seat, Seats, Store, StoreError};
use crate::tool::rounds::Memory;

/// How often a change is tried again when somebody else changed the task in between.
const ATTEMPTS: usize = 64;
/// Under which name the seats of all tasks are.
const ALL: &str = "tasks/seat";

/// The tasks of a server, on all its replicas.
#[derive(Clone, Debug)]
pub(crate) struct Board {
    store: Store,
    limits: TaskLimits,
    wakes: Arc<Wakes>,
}

/// A task that is to be.
#[derive(Debug)]
pub(crate) struct Draft<'a> {
    /// Its key: the hash of its id.
    pub(crate) key: &'a str,
    /// Its id, for the list of its owner; none where the owner could be anybody.
    pub(crate) listed: Option<&'a str>,
    /// The key of its principal.
    pub(crate) owner: &'a str,
    pub(crate) tool: &'a str,
    /// The replica that works on it.
    pub(crate) replica: &'a str,
    /// What is known from rounds before it.
    pub(crate) memory: Memory,
    /// What it takes to do it again elsewhere, if that may be.
    pub(crate) work: Option<&'a Work>,
    /// When it is created, in milliseconds since 1970, and when it expires: as [`Board::times`] says.
    pub(crate) times: (u64, u64),
}

/// A place in the list of a principal's tasks: behind the task that was created at this time and has this id.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Cursor {
    pub(crate) created: u64,
    pub(crate) id: String,
}

/// Why there is no task.
#[derive(Debug)]
pub(crate) enum Refused {
    /// This principal has so many already.
    Owner(u32),
    /// The server has so many already.
    Server(u32),
    /// The store fails.
    Store(StoreError),
}

impl From<StoreError> for Refused {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

/// A task that was found.
#[derive(Clone, Debug)]
pub(crate) struct Owned {
    pub(crate) id: String,
    pub(crate) key: String,
    pub(crate) record: Record,
}

/// What came of a change.
#[derive(Debug)]
pub(crate) enum Applied {
    /// This is what the task is now, changed or as it was.
    Now(Record),
    /// Whoever wanted it is not the worker any more.
    Fenced,
    /// The task is over, and this is what it is.
    Over(Record),
    /// There is no such task, or no more.
    Gone,
}

impl Board {
    pub(super) fn new(store: Store, limits: TaskLimits) -> Self {
        Self { store, limits, wakes: Arc::default() }
    }

    /// The clock that the times of tasks are read from.
    pub(crate) fn clock(&self) -> &Clock {
        self.store.clock()
    }

    /// The limits.
    pub(crate) fn limits(&self) -> &TaskLimits {
        &self.limits
    }

    /// A new id, and the key under which its task is kept.
    pub(crate) fn new_id() -> (String, String) {
        let id = random_id();
        let key = hash_id(&id);
        (id, key)
    }

    /// Makes a task. When this returns it, every replica can find it (tasks extension, Task Creation).
    ///
    /// # Errors
    /// A cap that is reached, or what the store says.
    pub(crate) async fn create(&self, draft: Draft<'_>) -> Result<Record, Refused> {
        let (created, expires) = draft.times;
        let most = self.limits.max_per_principal;
        let own = List::new(&self.store, draft.owner, most);
        let all = Seats::new(&self.store, ALL, self.limits.max);
        let line = Line {
            created,
            id: draft.listed.unwrap_or(draft.key).to_owned(),
            expires,
            is_shown: draft.listed.is_some(),
        };
        let part = own.add(&line).await?.ok_or(Refused::Owner(most))?;
        let seat = match all.take(draft.key.to_owned(), self.clock().until(expires)).await {
            Ok(Some(seat)) => seat,
            refused => {
                self.unlist(&own, part, &line).await;
                return Err(refused.err().map_or(Refused::Server(self.limits.max), Refused::Store));
            }
        };
        match self.write(&draft).await {
            Ok(record) => Ok(record),
            Err(error) => {
                self.unlist(&own, part, &line).await;
                self.leave(&all, seat).await;
                Err(error.into())
            }
        }
    }

    /// When a task that is created now is created and expires, if its client wants it kept for so long.
    pub(crate) fn times(&self, ttl: Option<Duration>) -> (u64, u64) {
        let ttl = ttl.unwrap_or(self.limits.ttl).clamp(Duration::from_secs(1), self.limits.max_ttl);
        let created = self.clock().millis();
        (created, created.saturating_add(millis(ttl)))
    }

    async fn write(&self, draft: &Draft<'_>) -> Result<Record, StoreError> {
        let left = Some(self.clock().until(draft.times.1));
        if let Some(work) = draft.work {
            let work = serde_json::to_vec(work).unwrap_or_default();
            self.store.set(&work_of(draft.key), work, left).await?;
        }
        let record = self.record(draft);
        match self.store.put(&key_of(draft.key), encoded(&record), Expect::Absent, left).await? {
            Put::Stored(_) => Ok(record),
            // Another replica took this one for dead before it came this far, and nobody would find the task.
            Put::Refused(_) => Err(StoreError::Unavailable {
                engine: self.store.engine(),
                source: "this replica was taken for dead while it created a task".into(),
            }),
        }
    }

    /// Rules out that a task is created under a key that its worker reserved before it died.
    ///
    /// # Errors
    /// What the store says.
    pub(crate) async fn rule_out(&self, key: &str, expires: u64) -> Result<bool, StoreError> {
        let put = self.store.put(&key_of(key), "", Expect::Absent, Some(self.clock().until(expires))).await?;
        Ok(matches!(put, Put::Stored(_)))
    }

    fn record(&self, draft: &Draft<'_>) -> Record {
        let (created, expires) = draft.times;
        let answered = draft.memory.answers.iter().map(|(name, answer)| Input {
            key: name.clone(),
            name: name.clone(),
            question: serde_json::Value::Null,
            answer: Some(Answer::Given(answer.clone())),
            refused: false,
        });
        Record {
            form: FORM,
            owner: draft.owner.to_owned(),
            tool: draft.tool.to_owned(),
            created,
            updated: created,
            changes: 0,
            expires,
            poll: millis(self.limits.poll_interval),
            status: Status::Working,
            message: None,
            worker: Fence { replica: draft.replica.to_owned(), attempt: 1 },
            losses: 0,
            root: draft.memory.root.clone().unwrap_or_else(random_id),
            steps: draft.memory.steps.clone(),
            inputs: answered.collect(),
            end: None,
        }
    }

    async fn unlist(&self, list: &List<'_>, part: u32, line: &Line) {
        if let Err(error) = list.remove(part, &line.id).await {
            tracing::debug!(%error, "a task that was not created counts until it would have expired");
        }
    }

    async fn leave(&self, seats: &Seats<'_>, seat: Seat) {
        if let Err(error) = seats.leave(seat).await {
            tracing::debug!(%error, "a seat is left when its life ends");
        }
    }

    /// Finds a task by its id. One that belongs to somebody else is as unknown as one that never was.
    ///
    /// # Errors
    /// What the store says.
    pub(crate) async fn find(&self, id: &str, owner: &str) -> Result<Option<Owned>, StoreError> {
        let key = hash_id(id);
        let record = self.load(&key).await?.filter(|record| record.owner == owner);
        Ok(record.map(|record| Owned { id: id.to_owned(), key, record }))
    }

    /// A task by its key.
    ///
    /// # Errors
    /// What the store says.
    pub(crate) async fn load(&self, key: &str) -> Result<Option<Record>, StoreError> {
        let entry = self.store.get(&key_of(key)).await?;
        Ok(entry.and_then(|entry| decoded(key, &entry)))
    }

    /// What it takes to do the work of a task again, if that was kept.
    ///
    /// # Errors
    /// What the store says.
    pub(crate) async fn work(&self, key: &str) -> Result<Option<Work>, StoreError> {
        let entry = self.store.get(&work_of(key)).await?;
        Ok(entry.and_then(|entry| serde_json::from_slice(&entry.value).ok()))
    }

    /// Has something happen to a task, and tells who waits for it.
    ///
    /// # Errors
    /// What the store says; whether it happened is open then.
    pub(crate) async fn apply(&self, key: &str, step: &Step) -> Result<Applied, StoreError> {
        let place = key_of(key);
        let mut seen = self.store.get(&place).await?;
        for _ in 0..ATTEMPTS {
            let Some(entry) = seen else { return Ok(Applied::Gone) };
            let Some(mut record) = decoded(key, &entry) else { return Ok(Applied::Gone) };
            let left = self.clock().until(record.expires);
            if left.is_zero() {
                return Ok(Applied::Gone);
            }
            match step::apply(&mut record, step, self.clock().millis()) {
                Verdict::Unchanged => return Ok(Applied::Now(record)),
                Verdict::Fenced => return Ok(Applied::Fenced),
                Verdict::Over => return Ok(Applied::Over(record)),
                Verdict::Changed => {}
            }
            match self.store.put(&place, encoded(&record), Expect::Version(entry.version), Some(left)).await? {
                Put::Stored(_) => {
                    self.wakes.tell(&self.store, key).await;
                    return Ok(Applied::Now(record));
                }
                Put::Refused(other) => seen = other,
            }
        }
        Err(StoreError::Unavailable {
            engine: self.store.engine(),
            source: "a task was changed by others at every attempt".into(),
        })
    }

    /// Waits from now on for changes of these tasks.
    pub(crate) fn watch(&self, keys: Vec<String>) -> Watch {
        self.wakes.watch(&self.store, keys)
    }

    /// A page of the tasks of a principal, in the order of their creation: at most `size` of those behind a cursor, and
    /// the cursor of the next page if there are more.
    ///
    /// # Errors
    /// What the store says.
    pub(crate) async fn page(
        &self,
        owner: &str,
        after: Option<&Cursor>,
        size: usize,
    ) -> Result<(Vec<Owned>, Option<Cursor>), StoreError> {
        let lines = List::new(&self.store, owner, self.limits.max_per_principal).shown().await?;
        let is_before = |line: &Line| after.is_some_and(|after| (line.created, &line.id) <= (after.created, &after.id));
        let mut rest = lines.get(lines.partition_point(is_before)..).unwrap_or_default();
        let (mut page, mut last) = (Vec::new(), None);
        // One that is listed may not be there yet, or no more: then the page is filled up with those behind it.
        while let missing @ 1.. = size.max(1) - page.len()
            && !rest.is_empty()
        {
            let (next, others) = rest.split_at(missing.min(rest.len()));
            let found = futures_util::future::try_join_all(next.iter().map(|line| self.find(&line.id, owner))).await?;
            page.extend(found.into_iter().flatten());
            last = next.last().map(|line| Cursor { created: line.created, id: line.id.clone() });
            rest = others;
        }
        Ok((page, last.filter(|_| !rest.is_empty())))
    }
}

fn key_of(key: &str) -> String {
    format!("task/{key}")
}

fn work_of(key: &str) -> String {
    format!("task/{key}/work")
}

fn millis(span: Duration) -> u64 {
    u64::try_from(span.as_millis()).unwrap_or(u64::MAX >> 2)
}

fn encoded(record: &Record) -> Vec<u8> {
    serde_json::to_vec(record).unwrap_or_default()
}

/// A record of another form is one of another release, which will see to it.
fn decoded(key: &str, entry: &Entry) -> Option<Record> {
    if entry.value.is_empty() {
        // It was ruled out before it was created.
        return None;
    }
    match serde_json::from_slice::<Record>(&entry.value) {
        Ok(record) if record.form == FORM => Some(record),
        Ok(record) => {
            tracing::warn!(task = key, form = record.form, "a task is kept in a form that this release does not know");
            None
        }
        Err(error) => {
            tracing::error!(task = key, %error, "a task cannot be read");
            None
        }
    }
}

#[cfg(test)]
mod tests;
