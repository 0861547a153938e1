//! `?` on the errors of common libraries picks the right kind of tool error.

use std::time::Duration;

use super::error::{ErrorKind, ToolError};
use crate::store::{StoreError, StoreErrorKind};

impl From<std::io::Error> for ToolError {
    fn from(error: std::io::Error) -> Self {
        use std::io::ErrorKind as Io;
        let (kind, message) = match error.kind() {
            Io::NotFound => (ErrorKind::NotFound, "what the tool wanted to read does not exist"),
            Io::PermissionDenied => (ErrorKind::PermissionDenied, "the server may not read or write this"),
            Io::AlreadyExists => (ErrorKind::Conflict, "it exists already"),
            Io::TimedOut => (ErrorKind::Timeout, "a read or write took too long"),
            Io::ConnectionRefused
            | Io::ConnectionReset
            | Io::ConnectionAborted
            | Io::NotConnected
            | Io::BrokenPipe
            | Io::HostUnreachable
            | Io::NetworkUnreachable
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
        Self::new(ErrorKind::UpstreamUnavailable, "a dependency answered with data of the wrong shape").cause(error)
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
            sqlx::Error::Configuration(_) => (ErrorKind::Misconfigured, "the database is not set up rightly"),
            sqlx::Error::ColumnDecode { .. } | sqlx::Error::Decode(_) | sqlx::Error::ColumnNotFound(_) => {
                (ErrorKind::UpstreamUnavailable, "the database answered with data of the wrong shape")
            }
            sqlx::Error::Database(database) => match database.kind() {
                Db::UniqueViolation | Db::ForeignKeyViolation => {
                    (ErrorKind::Conflict, "the database refused: the change conflicts with what is there")
                }
                Db::NotNullViolation | Db::CheckViolation => {
                    (ErrorKind::InvalidArgument, "the database refused: a value breaks one of its rules")
                }
                _ => match database.code().as_deref() {
                    Some("57014") => (ErrorKind::Timeout, "the database stopped the query at its limit of time"),
                    Some("42501") => (ErrorKind::PermissionDenied, "the database refused: no permission"),
                    Some("40001" | "40P01") => (ErrorKind::Conflict, "the database is busy with another change"),
                    // The second are the codes of SQLite for a database that is busy or locked, with what they extend to.
                    Some("55P03" | "5" | "6" | "261" | "262" | "517" | "773") => {
                        (ErrorKind::Overloaded, "what the query needs is locked by another change")
                    }
                    Some(code) if code.starts_with("08") || code.starts_with("57P") => {
                        (ErrorKind::UpstreamUnavailable, "the database cannot be reached")
                    }
                    Some(code) if code.starts_with("53") => (ErrorKind::Overloaded, "the database is overloaded"),
                    _ => (ErrorKind::Internal, "the database refused the query"),
                },
            },
            _ => (ErrorKind::Internal, "the database call failed"),
        };
        Self::new(kind, message).cause(error)
    }
}

#[cfg(feature = "reqwest")]
impl From<reqwest::Error> for ToolError {
    fn from(error: reqwest::Error) -> Self {
        let (kind, message) = match error.status().map(|status| status.as_u16()) {
            Some(404 | 410) => (ErrorKind::NotFound, "the service has no such thing"),
            Some(401 | 403) => (ErrorKind::PermissionDenied, "the service refused this server's credentials"),
            Some(409 | 412) => (ErrorKind::Conflict, "the service refused: the change conflicts with what is there"),
            Some(429) => (ErrorKind::RateLimited, "the service asks for fewer calls"),
            Some(400 | 422) => (ErrorKind::InvalidArgument, "the service refused the values"),
            Some(_) => (ErrorKind::UpstreamUnavailable, "the service answered with a fault"),
            None if error.is_timeout() => (ErrorKind::Timeout, "the service took too long"),
            None if error.is_builder() => (ErrorKind::Misconfigured, "the request to the service could not be made"),
            None if error.is_decode() => {
                (ErrorKind::UpstreamUnavailable, "the service answered with data of the wrong shape")
            }
            None => (ErrorKind::UpstreamUnavailable, "the service cannot be reached"),
        };
        // The URL may carry credentials, so it does not even go to the log.
        Self::new(kind, message).cause(error.without_url())
    }
}

#[cfg(all(test, feature = "sqlite"))]
mod tests {
    use std::time::Duration;

    use sqlx::sqlite::{SqliteConnectOptions, SqlitePoolOptions};

    use super::{ErrorKind, ToolError};
    use crate::store::seal::random_id;

    #[tokio::test]
    async fn a_locked_file_and_a_dry_pool_are_told_as_what_they_are_and_may_be_tried_again() {
        let path = std::env::temp_dir().join(format!("mcp-server-{}", random_id()));
        let options = SqliteConnectOptions::new().filename(&path).create_if_missing(true).busy_timeout(Duration::ZERO);
        let pool = SqlitePoolOptions::new().max_connections(2).acquire_timeout(Duration::from_millis(50));
        let pool = pool.connect_with(options).await.unwrap();
        let mut changing = pool.acquire().await.unwrap();
        sqlx::query("BEGIN EXCLUSIVE").execute(&mut *changing).await.unwrap();

        let mut reading = pool.acquire().await.unwrap();
        let read = sqlx::query("SELECT count(*) FROM sqlite_schema").fetch_one(&mut *reading).await;
        let locked = ToolError::from(read.unwrap_err());
        assert_eq!((locked.kind(), locked.retryable()), (ErrorKind::Overloaded, true), "{}", locked.log_text());
        assert!(locked.message().contains("locked"), "{}", locked.message());

        let dry = ToolError::from(pool.acquire().await.unwrap_err());
        assert_eq!((dry.kind(), dry.retryable()), (ErrorKind::Overloaded, true), "{}", dry.log_text());
        assert!(dry.message().contains("connection"), "{}", dry.message());
        drop((changing, reading));
        pool.close().await;
        std::fs::remove_file(path).ok();
    }
}
