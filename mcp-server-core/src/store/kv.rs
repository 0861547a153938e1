//! The first primitive: versioned values with a time to live.

use std::fmt;
use std::time::Duration;

use bytes::Bytes;

use super::reply::Reply;

/// Which state of a value somebody has seen.
///
/// Opaque: equal or not, never older or newer. No two states of a key have the same version, not even when the key was
/// deleted in between; a swap that was prepared before can therefore never hit a value that was made after.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Version(u64);

impl Version {
    /// The version that an engine keeps under this number.
    pub const fn from_u64(number: u64) -> Self {
        Self(number)
    }

    /// The number under which an engine keeps it.
    pub const fn as_u64(self) -> u64 {
        self.0
    }
}

/// A value as it is kept.
#[derive(Clone, PartialEq, Eq)]
pub struct Entry {
    /// The bytes, as they were put.
    pub value: Bytes,
    /// Which state of the value this is.
    pub version: Version,
}

impl fmt::Debug for Entry {
    /// Shows the size of the value, not the value: records hold what belongs to a principal.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Entry").field("bytes", &self.value.len()).field("version", &self.version).finish()
    }
}

/// What must be true of a key for a value to be stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Expect {
    /// Nothing: whatever is there is replaced.
    Any,
    /// There is no value, or it has expired.
    Absent,
    /// The value is in this very state and has not expired.
    Version(Version),
}

/// How a put ended.
#[derive(Clone, Debug, PartialEq, Eq)]
#[must_use = "a refused put has stored nothing"]
pub enum Put {
    /// The value is stored, and this is its version.
    Stored(Version),
    /// What was expected was not so; this is what is there, if anything.
    Refused(Option<Entry>),
}

impl Put {
    /// The version if the value was stored.
    pub const fn stored(&self) -> Option<Version> {
        match self {
            Self::Stored(version) => Some(*version),
            Self::Refused(_) => None,
        }
    }
}

/// Versioned values by key, each with its time to live.
///
/// Every operation is atomic. Dropping a future after its first poll leaves open whether the write happened.
/// An expired value is never returned and counts as absent everywhere, whether or not it is still somewhere on a disk.
pub trait Kv: Send + Sync {
    /// The value of a key.
    fn get<'a>(&'a self, key: &'a str) -> Reply<'a, Option<Entry>>;

    /// Stores a value if the key is as expected; among concurrent puts that expect the same state exactly one succeeds.
    ///
    /// The value lives for `life`, counted anew from this put, or until it is deleted if there is none. A value with no
    /// life left (`Duration::ZERO`) is stored and is expired.
    fn put<'a>(&'a self, key: &'a str, value: Bytes, expect: Expect, life: Option<Duration>) -> Reply<'a, Put>;

    /// Deletes a value, only in the state `version` if one is given; says whether this call deleted it.
    fn delete<'a>(&'a self, key: &'a str, version: Option<Version>) -> Reply<'a, bool>;
}
