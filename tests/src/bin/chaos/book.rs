//! The book of effects, outside of every server: what was done, and what the clients were told of it.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use crate::findings::{Broken, Findings};

/// A file that tools write lines in, and what must be in it.
#[derive(Clone, Debug)]
pub(crate) struct Book {
    path: PathBuf,
    confirmed: Arc<Mutex<BTreeSet<String>>>,
}

impl Book {
    pub(crate) fn new(folder: &Path) -> Self {
        Self { path: folder.join("book"), confirmed: Arc::default() }
    }

    /// What a tool is told to write in.
    pub(crate) fn path(&self) -> String {
        self.path.to_string_lossy().into_owned()
    }

    /// Notes that a client was told that a line was written.
    pub(crate) fn confirm(&self, line: &str) {
        self.confirmed.lock().unwrap_or_else(PoisonError::into_inner).insert(line.to_owned());
    }
}

/// Compares what was done with what was said.
pub(crate) fn judge(book: &Book, findings: &Findings) {
    let mut times: BTreeMap<&str, u32> = BTreeMap::new();
    let text = std::fs::read_to_string(&book.path).unwrap_or_default();
    for line in text.lines() {
        *times.entry(line).or_default() += 1;
    }
    for (line, times) in times.iter().filter(|(_, times)| **times > 1) {
        findings.broke(Broken::EffectDoubled, format!("`{line}` was done {times} times"));
    }
    for line in book.confirmed.lock().unwrap_or_else(PoisonError::into_inner).iter() {
        if !times.contains_key(line.as_str()) {
            findings.broke(Broken::EffectLost, format!("`{line}` was confirmed and never done"));
        }
    }
}
