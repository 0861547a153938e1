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
    let refused = match place.user() {
        Some(user) => format!("the server refuses the user `{user}` or the password; check both in the URL"),
        None => "the server refuses the password; check it in the URL".to_owned(),
    };
    // The second says whether it may pass with nothing changed.
    let (why, passes) = match (error.kind(), error.code()) {
        (ErrorKind::AuthenticationFailed, _) | (_, Some("WRONGPASS")) => (refused.as_str(), false),
        (_, Some("NOAUTH")) => {
            ("the server wants a password; write it into the URL as `redis://:password@host`", false)
        }
        (ErrorKind::RESP3NotSupported, _) => {
            ("it is older than Redis 7; use Redis 7, Valkey, or anything newer", false)
        }
        (ErrorKind::Server(ServerErrorKind::NoPerm), _) => (
            "this user lacks a right; it needs `+@read +@write +@scripting +@pubsub +ping +info` on the keys and channels \
             that begin with the prefix",
            false,
        ),
        (ErrorKind::Server(ServerErrorKind::BusyLoading), _) => {
            ("it still loads its data; start again in a while", true)
        }
        (_, Some("MASTERDOWN" | "CLUSTERDOWN" | "TRYAGAIN" | "LOADING")) => ("it is not ready yet", true),
        _ if is_crowded(&error) => ("it has no connection left; raise its maxclients", true),
        _ if error.is_timeout() && place.is_tls() => {
            ("it did not answer in time; check host, port and network, and that it speaks TLS there", true)
        }
        _ if error.is_timeout() => ("it did not answer in time; check host, port and network", true),
        _ if error.is_connection_refusal() => ("nothing listens there; start the server, or check host and port", true),
        _ if is_distrusted(&error) => ("its certificate is not accepted; check it, and SSL_CERT_FILE", false),
        (ErrorKind::Io, _) => ("check host, port and, with `rediss`, the certificates", true),
        (ErrorKind::Parse, _) => ("what answers there is no Redis server; check host and port", false),
        _ => ("the server refuses it", false),
    };
    if passes {
        StoreError::Unreachable { place: place.to_string(), why: why.to_owned(), source: Some(error.into()) }
    } else {
        unusable(place, why, Some(error.into()))
    }
}

/// Whether the server has as many clients as it takes.
fn is_crowded(error: &RedisError) -> bool {
    error.to_string().contains("max number of clients")
}

/// Whether the certificate of the server was refused.
fn is_distrusted(error: &RedisError) -> bool {
    error.is_io_error() && error.to_string().to_ascii_lowercase().contains("certificate")
}

/// A server that cannot be used.
pub(super) fn unusable(
    place: &Place,
    why: impl Into<String>,
    source: Option<crate::store::error::Cause>,
) -> StoreError {
    StoreError::Unusable { place: place.to_string(), why: why.into(), source }
}
