//! What can go wrong with a store.

use std::error::Error;

use thiserror::Error;

/// A cause from below.
pub(crate) type Cause = Box<dyn Error + Send + Sync>;

/// The cause of an error of an operation that was not sent.
#[derive(Debug, Error)]
#[error("{0}")]
pub(crate) struct Unsent(pub(crate) &'static str);

/// Why a store did not do what it was asked.
///
/// `Display` is for the operator and says one level; [`source`](Error::source) has the rest. None of it is meant for
/// the client.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum StoreError {
    /// The engine does not answer, or not in time. Nothing is known about a write that was under way.
    #[error("the {engine} store does not answer")]
    Unavailable {
        /// Which engine.
        engine: &'static str,
        /// What it said.
        source: Cause,
    },
    /// What the engine holds cannot be read.
    #[error("the {engine} store holds what cannot be read")]
    Corrupt {
        /// Which engine.
        engine: &'static str,
        /// What it said.
        source: Cause,
    },
    /// There is no room left.
    #[error("the {engine} store is full")]
    Full {
        /// Which engine.
        engine: &'static str,
        /// What it said.
        source: Cause,
    },
    /// A value, an entry or a message is larger than the store takes.
    #[error("{what} has {bytes} bytes; the store takes at most {limit}")]
    TooLarge {
        /// What is too large.
        what: &'static str,
        /// Its size in bytes.
        bytes: u64,
        /// The limit in bytes.
        limit: u64,
    },
    /// A key, stream or topic is not a name: it is empty, too long, or holds a NUL.
    #[error("{what} is not a valid name: it needs 1 to {limit} bytes without NUL", limit = super::limit::NAME)]
    Name {
        /// What was to be named.
        what: &'static str,
    },
    /// The URL of the store cannot be used.
    #[error("the store URL `{url}` cannot be used: {why}")]
    Url {
        /// The URL, without a password.
        url: String,
        /// Why not, and what can be.
        why: String,
    },
    /// The store belongs to another server.
    #[error(
        "the store belongs to the server {owner}, and this one is {asking}: give each server a store of its own (a \
         file for `sqlite:`, `?schema=` for PostgreSQL, `?prefix=` for Redis); if the server was renamed, delete the \
         key `owner` from the store"
    )]
    Owned {
        /// The server that it belongs to.
        owner: String,
        /// The server that wants to use it.
        asking: String,
    },
    /// The place that the URL names cannot be used now. Nothing has to be changed for it to work later.
    #[error("the store at {place} cannot be used now: {why}")]
    Unreachable {
        /// The file or the server.
        place: String,
        /// Why not, and what to do.
        why: String,
        /// What was said below.
        source: Option<Cause>,
    },
    /// The place that the URL names cannot be used until somebody changes something.
    #[error("the store at {place} cannot be used: {why}")]
    Unusable {
        /// The file or the server.
        place: String,
        /// Why not, and what to do.
        why: String,
        /// What was said below.
        source: Option<Cause>,
    },
}

/// What a program can do about a [`StoreError`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum StoreErrorKind {
    /// Wait, then try again.
    Unavailable,
    /// Free some room, then try again.
    Full,
    /// A person has to look.
    Corrupt,
    /// The caller asked for what no engine does.
    Invalid,
    /// The configuration has to change.
    Misconfigured,
}

impl StoreErrorKind {
    /// The kind as it is written in metrics.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Unavailable => "unavailable",
            Self::Full => "full",
            Self::Corrupt => "corrupt",
            Self::Invalid => "invalid",
            Self::Misconfigured => "misconfigured",
        }
    }
}

impl StoreError {
    /// What can be done about it.
    pub const fn kind(&self) -> StoreErrorKind {
        match self {
            Self::Unavailable { .. } | Self::Unreachable { .. } => StoreErrorKind::Unavailable,
            Self::Full { .. } => StoreErrorKind::Full,
            Self::Corrupt { .. } => StoreErrorKind::Corrupt,
            Self::TooLarge { .. } | Self::Name { .. } => StoreErrorKind::Invalid,
            Self::Url { .. } | Self::Unusable { .. } | Self::Owned { .. } => StoreErrorKind::Misconfigured,
        }
    }

    /// Whether the operation was certainly not done: it was refused here, before anything was sent.
    pub(crate) fn is_unsent(&self) -> bool {
        matches!(self, Self::Unavailable { source, .. } if source.is::<Unsent>())
    }

    /// Whether the same may succeed later without anybody changing anything.
    pub const fn is_retryable(&self) -> bool {
        matches!(self.kind(), StoreErrorKind::Unavailable | StoreErrorKind::Full)
    }

    /// A URL that names no store this build serves.
    pub(crate) fn url(url: impl Into<String>, why: impl Into<String>) -> Self {
        Self::Url { url: url.into(), why: why.into() }
    }
}
