//! `?` on the errors of common libraries picks the right kind of tool error.
//!
//! These errors come from what the tool depends on: a file, a database, a service. Their words are not about the caller. A
//! service that answers 401 refuses this server's credentials, and a file that is not found is one of the server's own. So
//! a refusal is `upstream_rejected` or `misconfigured`, which the operator hears of, and not `permission_denied`,
//! `not_found` or `invalid_argument`, which blame the caller. A tool that knows better says so before it uses `?`:
//! `if response.status() == 404 { return Err(ToolError::not_found("there is no ticket with this number")) }`.

use std::time::Duration;

use super::error::{ErrorKind, ToolError};
use crate::store::{StoreError, StoreErrorKind};
#[cfg(feature = "sqlx")]
use crate::telemetry::Scope;

impl From<std::io::Error> for ToolError {
    fn from(error: std::io::Error) -> Self {
        use std::io::ErrorKind as Io;
        let (kind, message) = match error.kind() {
            Io::NotFound => (ErrorKind::Misconfigured, "a file or program of the server does not exist"),
            Io::PermissionDenied | Io::ReadOnlyFilesystem => {
                (ErrorKind::Misconfigured, "the server may not read or write what the tool needs")
            }
            Io::AlreadyExists => (ErrorKind::Conflict, "it exists already"),
            Io::TimedOut => (ErrorKind::Timeout, "a read or write took too long"),
            Io::StorageFull | Io::QuotaExceeded => {
                (ErrorKind::UpstreamUnavailable, "the server has no room left to write")
            }
            Io::InvalidData => (ErrorKind::BadUpstream, "the tool read data of the wrong form"),
            Io::ConnectionRefused
            | Io::ConnectionReset
            | Io::ConnectionAborted
            | Io::NotConnected
            | Io::BrokenPipe
            | Io::HostUnreachable
            | Io::NetworkUnreachable
            | Io::NetworkDown
            | Io::UnexpectedEof => (ErrorKind::UpstreamUnavailable, "a connection of the tool failed"),
            _ => (ErrorKind::Internal, "a read or write of the tool failed"),
        };
        Self::new(kind, message).cause(error)
    }
}

impl From<StoreError> for ToolError {
    fn from(error: StoreError) -> Self {
        match error.kind() {
            StoreErrorKind::Unavailable | StoreErrorKind::Full => {
                Self::new(ErrorKind::UpstreamUnavailable, "the server cannot reach what it keeps between calls")
                    .retry_after(Duration::from_secs(1))
                    .cause(error)
            }
            StoreErrorKind::Misconfigured => {
                Self::new(ErrorKind::Misconfigured, "the server cannot use what it keeps between calls").cause(error)
            }
            StoreErrorKind::Corrupt | StoreErrorKind::Invalid => {
                Self::new(ErrorKind::Internal, "the server cannot use what it keeps between calls").cause(error)
            }
        }
    }
}

impl From<serde_json::Error> for ToolError {
    fn from(error: serde_json::Error) -> Self {
        if error.is_io() {
            return Self::new(ErrorKind::UpstreamUnavailable, "a connection of the tool failed").cause(error);
        }
        Self::new(ErrorKind::BadUpstream, "a dependency answered with data of the wrong shape").cause(error)
    }
}

impl From<tokio::time::error::Elapsed> for ToolError {
    fn from(error: tokio::time::error::Elapsed) -> Self {
        Self::new(ErrorKind::Timeout, "a step of the tool took too long").cause(error)
    }
}

impl From<std::fmt::Error> for ToolError {
    fn from(error: std::fmt::Error) -> Self {
        Self::new(ErrorKind::Internal, "a text could not be made").cause(error)
    }
}

#[cfg(feature = "sqlx")]
impl From<sqlx::Error> for ToolError {
    fn from(error: sqlx::Error) -> Self {
        use sqlx::error::ErrorKind as Db;
        if let (sqlx::Error::PoolTimedOut, Some(scope)) = (&error, Scope::current()) {
            // The driver says nothing of a wait that ends so.
            scope.waited_in_vain("acquire connection", "pool_timeout");
            if let (Some(meters), Some(name)) = (scope.telemetry().meters(), scope.name()) {
                meters.pool_timed_out(name);
            }
        }
        let (kind, message) = match &error {
            sqlx::Error::RowNotFound => (ErrorKind::NotFound, "there is no such row"),
            // A pool that runs dry is the classic silent empty: it must never look like "no rows".
            // While it waits, it also tries to connect to a database that is down, and says no more of that.
            sqlx::Error::PoolTimedOut => (
                ErrorKind::Overloaded,
                "no database connection came free in time: all are busy, or the database does not answer",
            ),
            sqlx::Error::PoolClosed | sqlx::Error::Io(_) | sqlx::Error::Tls(_) | sqlx::Error::WorkerCrashed => {
                (ErrorKind::UpstreamUnavailable, "the database cannot be reached")
            }
            sqlx::Error::Configuration(_) => {
                (ErrorKind::Misconfigured, "the connection to the database is not set up rightly")
            }
            sqlx::Error::ColumnDecode { .. } | sqlx::Error::Decode(_) | sqlx::Error::ColumnNotFound(_) => {
                (ErrorKind::BadUpstream, "the database answered with data of the wrong shape")
            }
            sqlx::Error::Database(database) => match database.kind() {
                Db::UniqueViolation | Db::ForeignKeyViolation => {
                    (ErrorKind::Conflict, "the database refused: the change conflicts with what is there")
                }
                Db::CheckViolation => {
                    (ErrorKind::InvalidArgument, "the database refused: a value breaks one of its rules")
                }
                Db::NotNullViolation => (ErrorKind::Internal, "the database refused: a value is missing"),
                _ => refused_by_database(database.code().as_deref()),
            },
            _ => (ErrorKind::Internal, "the database call failed"),
        };
        Self::new(kind, message).cause(error)
    }
}

/// What a SQLSTATE (`PostgreSQL`, appendix A), or a result code of `SQLite` with what it extends to, means.
#[cfg(feature = "sqlx")]
fn refused_by_database(code: Option<&str>) -> (ErrorKind, &'static str) {
    let Some(code) = code else { return (ErrorKind::Internal, "the database refused the query") };
    // A result code of SQLite is a number whose lowest byte is the primary code; a SQLSTATE has five characters.
    if let Some(code) = code.parse::<u32>().ok().filter(|_| code.len() < 5) {
        return match code & 0xff {
            5 | 6 => (ErrorKind::Overloaded, "what the query needs is locked by another change"),
            9 => (ErrorKind::Timeout, "the database stopped the query"),
            3 | 8 | 14 | 23 => (ErrorKind::Misconfigured, "the server may not open or write its database"),
            26 => (ErrorKind::Misconfigured, "the database file of the server is none"),
            10 | 11 | 13 => (ErrorKind::UpstreamUnavailable, "the database file cannot be read or written"),
            7 => (ErrorKind::Overloaded, "the database is out of memory"),
            18 => (ErrorKind::ResultTooLarge, "a value is larger than the database allows"),
            _ => (ErrorKind::Internal, "the database refused the query"),
        };
    }
    match code {
        "57014" => (ErrorKind::Timeout, "the database stopped the query at its limit of time"),
        "42501" => (ErrorKind::Misconfigured, "the database does not grant this server the right that the query needs"),
        "40001" | "40P01" => (ErrorKind::Conflict, "the database is busy with another change"),
        "55P03" => (ErrorKind::Overloaded, "what the query needs is locked by another change"),
        "42P01" | "42703" | "42883" | "3D000" | "3F000" => {
            (ErrorKind::Misconfigured, "the database lacks a table, a column or a function that the tool needs")
        }
        "25006" => (ErrorKind::Misconfigured, "the server may only read this database"),
        "22001" | "22003" | "22007" | "22008" | "22P02" => {
            (ErrorKind::InvalidArgument, "the database refused a value: it has the wrong form or size")
        }
        _ => match code.get(..2) {
            Some("28") => (ErrorKind::Misconfigured, "the database refused the credentials of this server"),
            Some("08" | "58" | "XX") => (ErrorKind::UpstreamUnavailable, "the database cannot be reached"),
            Some("57") => (ErrorKind::UpstreamUnavailable, "the database is shutting down or starting"),
            Some("53") => (ErrorKind::Overloaded, "the database is overloaded"),
            _ => (ErrorKind::Internal, "the database refused the query"),
        },
    }
}

/// What the status of an upstream's answer means; `None` if it is not an error.
#[cfg(feature = "reqwest")]
pub(super) const fn refused_by_service(status: u16) -> Option<(ErrorKind, &'static str)> {
    Some(match status {
        401 | 403 | 407 => (ErrorKind::UpstreamRejected, "the service refused this server's credentials"),
        404 | 410 => (ErrorKind::UpstreamRejected, "the service has nothing at the address that this server asked for"),
        408 => (ErrorKind::Timeout, "the service took too long"),
        409 | 412 => (ErrorKind::Conflict, "the service refused: the change conflicts with what is there"),
        425 | 429 => (ErrorKind::RateLimited, "the service asks for fewer calls"),
        400..500 => (ErrorKind::UpstreamRejected, "the service refused the request of this server"),
        500.. => (ErrorKind::UpstreamUnavailable, "the service answered with a fault"),
        _ => return None,
    })
}

#[cfg(feature = "reqwest")]
impl From<reqwest::Error> for ToolError {
    fn from(error: reqwest::Error) -> Self {
        let refused = error.status().and_then(|status| refused_by_service(status.as_u16()));
        let (kind, message) = match refused {
            Some(refused) => refused,
            None if error.is_timeout() => (ErrorKind::Timeout, "the service took too long"),
            None if error.is_builder() => (ErrorKind::Misconfigured, "the request to the service could not be made"),
            None if error.is_redirect() => (ErrorKind::UpstreamRejected, "the service redirects without end"),
            None if error.is_decode() => (ErrorKind::BadUpstream, "the service answered with data of the wrong shape"),
            None => (ErrorKind::UpstreamUnavailable, "the service cannot be reached"),
        };
        // The URL may carry credentials, so it does not even go to the log.
        Self::new(kind, message).cause(error.without_url())
    }
}

#[cfg(test)]
mod tests;
