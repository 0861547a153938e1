//! The store that the server under test keeps its state in, and how the server runs on it.

use std::fmt;
use std::path::{Path, PathBuf};

use anyhow::Result;
use clap::ValueEnum;

use crate::replicated::Replicated;
use crate::served::Served;

/// An engine of the store.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Store {
    /// In the memory of the process.
    Memory,
    /// In a file.
    Sqlite,
    /// In a PostgreSQL server that three replicas share behind nginx.
    Postgres,
    /// In a Redis server that three replicas share behind nginx.
    Redis,
}

/// What runs the server: its own program, and the one that starts replicas where a store needs it.
#[derive(Debug)]
pub(crate) struct Programs {
    pub(crate) server: PathBuf,
    pub(crate) starter: Option<PathBuf>,
}

/// A server under test.
#[derive(Debug)]
pub(crate) enum Running {
    Alone(Served),
    Replicated(Replicated),
}

impl Store {
    /// Every engine that the suite runs on.
    pub(crate) const ALL: [Self; 4] = [Self::Memory, Self::Sqlite, Self::Postgres, Self::Redis];

    /// Whether replicas can share it, and so do.
    pub(crate) fn is_shared(self) -> bool {
        matches!(self, Self::Postgres | Self::Redis)
    }

    fn name(self) -> &'static str {
        match self {
            Self::Memory => "memory",
            Self::Sqlite => "sqlite",
            Self::Postgres => "postgres",
            Self::Redis => "redis",
        }
    }

    /// Starts the server on a fresh store of this kind; its files go to `folder`.
    pub(crate) fn start(self, programs: &Programs, folder: &Path) -> Result<Running> {
        let log = folder.join("server.log");
        if let (true, Some(starter)) = (self.is_shared(), &programs.starter) {
            return Replicated::start(starter, &programs.server, self.name(), &[], &log).map(Running::Replicated);
        }
        let setting = match self {
            Self::Sqlite => format!("store.url=sqlite:{}", folder.join("state.sqlite").display()),
            _ => "store.url=memory:".to_owned(),
        };
        Served::start(&programs.server, &[setting], &log).map(Running::Alone)
    }
}

impl Running {
    /// The address of the endpoint.
    pub(crate) fn url(&self) -> String {
        match self {
            Self::Alone(served) => served.url("/mcp"),
            Self::Replicated(replicated) => replicated.url().to_owned(),
        }
    }

    /// An error if it is no longer there: then whatever was measured against it means nothing.
    pub(crate) fn still_up(&mut self) -> Result<()> {
        match self {
            Self::Alone(served) => served.still_up(),
            Self::Replicated(replicated) => replicated.still_up(),
        }
    }
}

impl fmt::Display for Store {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
