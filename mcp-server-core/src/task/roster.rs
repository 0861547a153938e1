//! The roster: which tasks this process works on at this moment, for people who look.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

/// A task in work. Nothing here opens it: its key is the hash of its id.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Working {
    /// Its key.
    pub(crate) key: String,
    /// The tool that it is a call of.
    pub(crate) tool: &'static str,
    /// For how long this process has worked on it.
    pub(crate) since: Duration,
}

/// The tasks in work.
#[derive(Clone, Debug, Default)]
pub(super) struct Roster(Arc<Mutex<HashMap<String, (&'static str, Instant)>>>);

/// Keeps a task on the roster until it is dropped.
#[derive(Debug)]
pub(crate) struct OnRoster {
    roster: Roster,
    key: String,
}

impl Roster {
    /// Enters a task.
    pub(super) fn enter(&self, key: &str, tool: &'static str) -> OnRoster {
        let mut tasks = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        tasks.insert(key.to_owned(), (tool, Instant::now()));
        OnRoster { roster: self.clone(), key: key.to_owned() }
    }

    /// Whether a task is in work.
    pub(super) fn has(&self, key: &str) -> bool {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).contains_key(key)
    }

    /// The tasks in work, the longest first.
    pub(super) fn all(&self) -> Vec<Working> {
        let tasks = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let working = |(key, (tool, since)): (&String, &(&'static str, Instant))| Working {
            key: key.clone(),
            tool,
            since: since.elapsed(),
        };
        let mut all: Vec<Working> = tasks.iter().map(working).collect();
        all.sort_by_key(|task| std::cmp::Reverse(task.since));
        all
    }
}

impl Drop for OnRoster {
    fn drop(&mut self) {
        self.roster.0.lock().unwrap_or_else(PoisonError::into_inner).remove(&self.key);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_task_is_on_the_roster_for_as_long_as_it_is_worked_on() {
        let roster = Roster::default();
        let first = roster.enter("one", "import");
        let second = roster.enter("two", "export");
        let tools: Vec<&str> = roster.all().iter().map(|task| task.tool).collect();
        assert_eq!(tools, ["import", "export"]);
        drop(first);
        assert_eq!(roster.all().iter().map(|task| task.key.as_str()).collect::<Vec<_>>(), ["two"]);
        drop(second);
        assert!(roster.all().is_empty());
    }
}
