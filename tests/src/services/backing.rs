//! The store that replicas share, as a server of its own that can be killed and started again.

use std::fmt;
use std::str::FromStr;

use super::postgres::Postgres;
use super::redis::Redis;
use crate::folder::Folder;

/// A kind of store. Several processes can share all of them but a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A PostgreSQL server.
    Postgres,
    /// A Redis server.
    Redis,
    /// One file, which only hears of changes by looking: for a look at what replicas do without a bus.
    Sqlite,
}

/// A store that runs.
#[derive(Debug)]
pub enum Backing {
    /// A PostgreSQL server.
    Postgres(Postgres),
    /// A Redis server that writes every command to its disk before it answers.
    Redis(Redis),
    /// The folder with the file in it.
    Sqlite(Folder),
}

impl Kind {
    /// Every kind.
    pub const ALL: [Self; 3] = [Self::Postgres, Self::Redis, Self::Sqlite];

    /// Its name on a command line.
    pub fn name(self) -> &'static str {
        match self {
            Self::Postgres => "postgres",
            Self::Redis => "redis",
            Self::Sqlite => "sqlite",
        }
    }

    /// Starts a fresh one. `None` if its server is not installed here; on CI that is a failure.
    pub fn start(self) -> Option<Backing> {
        match self {
            Self::Postgres => Postgres::start().map(Backing::Postgres),
            Self::Redis => Redis::start().map(Backing::Redis),
            Self::Sqlite => Some(Backing::Sqlite(Folder::new("store"))),
        }
    }
}

impl FromStr for Kind {
    type Err = String;

    fn from_str(name: &str) -> Result<Self, String> {
        Self::ALL.into_iter().find(|kind| kind.name() == name).ok_or_else(|| {
            let names = Self::ALL.map(Self::name).join(", ");
            format!("no store of this name; there are: {names}")
        })
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl Backing {
    /// What `store.url` is for it.
    pub fn url(&self) -> String {
        match self {
            Self::Postgres(server) => server.url(),
            Self::Redis(server) => server.url(),
            Self::Sqlite(folder) => format!("sqlite:{}", folder.path().join("state.sqlite").display()),
        }
    }

    /// Whether it is a server, which can be killed.
    pub fn can_restart(&self) -> bool {
        !matches!(self, Self::Sqlite(_))
    }

    /// Ends it as a machine that fails does.
    pub fn kill(&mut self) {
        match self {
            Self::Postgres(server) => server.kill(),
            Self::Redis(server) => server.kill(),
            Self::Sqlite(_) => {}
        }
    }

    /// Starts it again, where it was and with what it had.
    pub fn start_again(&mut self) {
        match self {
            Self::Postgres(server) => server.start_again(),
            Self::Redis(server) => server.start_again(),
            Self::Sqlite(_) => {}
        }
    }
}
