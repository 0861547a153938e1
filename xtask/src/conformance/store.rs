//! The store that the server under test keeps its state in.

use std::fmt;
use std::path::Path;

use clap::ValueEnum;

/// An engine of the store.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Store {
    /// In the memory of the process.
    Memory,
    /// In a file.
    Sqlite,
}

impl Store {
    /// Every engine that the suite runs on.
    pub(crate) const ALL: [Self; 2] = [Self::Memory, Self::Sqlite];

    /// The setting that chooses this engine, with its file in `folder`.
    pub(crate) fn setting(self, folder: &Path) -> String {
        match self {
            Self::Memory => "store.url=memory:".to_owned(),
            Self::Sqlite => format!("store.url=sqlite:{}", folder.join("state.sqlite").display()),
        }
    }
}

impl fmt::Display for Store {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Memory => "memory",
            Self::Sqlite => "sqlite",
        })
    }
}
