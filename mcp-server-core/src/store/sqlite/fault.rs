//! What the errors of SQLite mean for a store.

use std::path::Path;

use sqlx::Error;

use crate::store::error::StoreError;

/// The engine's name in errors.
pub(super) const ENGINE: &str = "sqlite";

/// The primary result codes of SQLite that are told apart.
mod code {
    pub(super) const ERROR: u32 = 1;
    pub(super) const BUSY: u32 = 5;
    pub(super) const LOCKED: u32 = 6;
    pub(super) const READONLY: u32 = 8;
    pub(super) const IOERR: u32 = 10;
    pub(super) const CORRUPT: u32 = 11;
    pub(super) const FULL: u32 = 13;
    pub(super) const CANTOPEN: u32 = 14;
    pub(super) const MISMATCH: u32 = 20;
    pub(super) const NOTADB: u32 = 26;
}

/// An error while the store is in use.
pub(super) fn in_use(error: Error) -> StoreError {
    let (engine, source) = (ENGINE, Box::new(error));
    match primary(&source) {
        Some(code::FULL) => StoreError::Full { engine, source },
        Some(code::ERROR | code::CORRUPT | code::MISMATCH | code::NOTADB) => StoreError::Corrupt { engine, source },
        Some(_) => StoreError::Unavailable { engine, source },
        None => match *source {
            Error::ColumnDecode { .. } | Error::ColumnNotFound(_) | Error::Decode(_) => {
                StoreError::Corrupt { engine, source }
            }
            _ => StoreError::Unavailable { engine, source },
        },
    }
}

/// An error while the store is opened, with what to do about it.
pub(super) fn at_open(path: &Path, error: Error) -> StoreError {
    let (is_passing, why) = match primary(&error) {
        Some(code::BUSY | code::LOCKED) => {
            (true, "another process keeps it locked; stop that process, or give each server a file of its own")
        }
        Some(code::READONLY) => {
            (false, "it cannot be written; give this user the right to write to the file and its folder")
        }
        Some(code::CANTOPEN) => {
            (false, "the file or its write-ahead log cannot be opened; check the rights of its folder")
        }
        Some(code::NOTADB) => (false, "it is not an SQLite file; name another one"),
        Some(code::CORRUPT) => (false, "it is damaged; restore it from a backup, or move it away to begin anew"),
        Some(code::FULL) => (true, "its disk is full; make room there"),
        Some(code::IOERR) => (true, "its disk cannot be read or written; check that it has room and works"),
        _ if matches!(error, Error::PoolTimedOut) => (true, "it did not open in time"),
        _ => (false, "SQLite refuses it"),
    };
    let (place, why, source) = (path.display().to_string(), why.to_owned(), Some(error.into()));
    if is_passing {
        StoreError::Unreachable { place, why, source }
    } else {
        StoreError::Unusable { place, why, source }
    }
}

/// Whether somebody else has the file locked.
pub(super) fn is_busy(error: &Error) -> bool {
    matches!(primary(error), Some(code::BUSY | code::LOCKED))
}

/// The primary result code: the low byte of the extended one.
fn primary(error: &Error) -> Option<u32> {
    let code: u32 = error.as_database_error()?.code()?.parse().ok()?;
    Some(code & 0xFF)
}
