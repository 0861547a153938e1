//! What the errors of Redis mean for a store.

use redis::{ErrorKind, RedisError, ServerErrorKind};

use super::place::Place;
use crate::store::error::StoreError;

/// The engine's name in errors.
pub(super) const ENGINE: &str = "redis";

/// An error while the store is in use.
pub(super) fn in_use(error: RedisError) -> StoreError {
    let engine = ENGINE;
    match error.kind() {
        ErrorKind::Parse | ErrorKind::UnexpectedReturnType => StoreError::Corrupt { engine, source: error.into() },
        _ if is_full(&error) => StoreError::Full { engine, source: error.into() },
        _ if error.code() == Some("WRONGTYPE") => StoreError::Corrupt { engine, source: error.into() },
        _ => unavailable(error),
    }
}

/// No memory left, or no disk: then the server refuses writes until somebody has made room.
fn is_full(error: &RedisError) -> bool {
    let no_disk = || error.detail().is_some_and(|detail| detail.contains("No space left"));
    match error.code() {
        Some("OOM") => true,
        Some("MISCONF") => no_disk(),
        _ => false,
    }
}

/// The server does not answer, for whatever reason.
pub(super) fn unavailable(source: impl Into<crate::store::error::Cause>) -> StoreError {
    StoreError::Unavailable { engine: ENGINE, source: source.into() }
}

/// A reply that is not what the script returns: somebody else wrote to the key.
pub(super) fn corrupt(what: &'static str) -> StoreError {
    StoreError::Corrupt { engine: ENGINE, source: what.into() }
}

/// An error while the store is opened, with what to do about it.
pub(super) fn at_open(place: &Place, error: RedisError) -> StoreError {
    let why = match (error.kind(), error.code()) {
        (ErrorKind::AuthenticationFailed, _) | (_, Some("WRONGPASS")) => {
            "the server refuses this user and password; check them in the URL"
        }
        (_, Some("NOAUTH")) => "the server wants a password; write it into the URL as `redis://:password@host`",
        (ErrorKind::RESP3NotSupported, _) => "it is older than Redis 7; use Redis 7, Valkey, or anything newer",
        (ErrorKind::Server(ServerErrorKind::NoPerm), _) => {
            "this user lacks a right; it needs `+@read +@write +@scripting +@pubsub +ping +info` on the keys and channels \
             that begin with the prefix"
        }
        (ErrorKind::Server(ServerErrorKind::BusyLoading), _) => "it still loads its data; start again in a while",
        _ if error.is_timeout() && place.is_tls() => {
            "it did not answer in time; check host, port and network, and that it speaks TLS there"
        }
        _ if error.is_timeout() => "it did not answer in time; check host, port and network",
        _ if error.is_connection_refusal() => "nothing listens there; start the server, or check host and port",
        (ErrorKind::Io, _) => "it cannot be reached; check host, port and, with `rediss`, the certificates",
        _ => "the server refuses it",
    };
    unusable(place, why, Some(error.into()))
}

/// A server that cannot be used.
pub(super) fn unusable(
    place: &Place,
    why: impl Into<String>,
    source: Option<crate::store::error::Cause>,
) -> StoreError {
    StoreError::Unusable { place: place.to_string(), why: why.into(), source }
}
