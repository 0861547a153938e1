//! Opening a database: what it takes, and what is found then.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

/// What a worker needs to open the database.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Opening {
    /// Which database.
    pub place: Place,
    /// How long a query of the worker's own may run, in milliseconds.
    pub limit: u64,
    /// How many bytes a temporary file may have.
    pub temporary: u64,
    /// Volatile functions that may be called.
    pub functions: Vec<String>,
}

/// Where a database is.
#[derive(Clone, Serialize, Deserialize)]
pub enum Place {
    /// A SQLite file.
    Sqlite(PathBuf),
    /// The URL of a PostgreSQL database, which may hold a password.
    Postgres(String),
}

impl std::fmt::Debug for Place {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Sqlite(path) => f.debug_tuple("Sqlite").field(path).finish(),
            // The URL may hold a password.
            Self::Postgres(_) => f.debug_tuple("Postgres").finish_non_exhaustive(),
        }
    }
}

/// What a worker found when it opened the database.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Opened {
    /// What the role may do beyond reading tables.
    pub powers: Vec<String>,
    /// What an operator should know.
    pub warnings: Vec<String>,
}
