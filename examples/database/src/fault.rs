//! Faults: what an engine's error means to the agent that wrote the query.

use std::time::Duration;

use mcp_server_core::tool::{ErrorKind, ToolError};
use sqlx::postgres::{PgDatabaseError, PgErrorPosition};

use crate::catalogue::Catalogue;
use crate::sql_text::Statement;

/// An error, and the name that it complains of, if it is one that could be misspelt.
#[derive(Debug)]
pub struct Fault {
    /// The error for the agent.
    pub error: ToolError,
    missing: Option<Missing>,
}

#[derive(Debug)]
enum Missing {
    Table(String),
    Column(String),
}

impl From<ToolError> for Fault {
    fn from(error: ToolError) -> Self {
        Self { error, missing: None }
    }
}

impl From<sqlx::Error> for Fault {
    fn from(error: sqlx::Error) -> Self {
        plain(error).into()
    }
}

impl From<Fault> for ToolError {
    fn from(fault: Fault) -> Self {
        fault.error
    }
}

impl Fault {
    /// Whether the catalogue could say what was meant.
    pub fn names_something(&self) -> bool {
        self.missing.is_some()
    }

    /// The error with the nearest names as its advice.
    pub fn advised(self, catalogue: &Catalogue, statement: &Statement) -> ToolError {
        match self.missing {
            Some(Missing::Table(name)) => self.error.advice(catalogue.advice_for_table(&name)),
            Some(Missing::Column(name)) => self.error.advice(catalogue.advice_for_column(&name, statement)),
            None => self.error,
        }
    }
}

/// How long to wait before trying a busy database again.
const BUSY: Duration = Duration::from_secs(1);

/// The error of a step that the agent's text has no part in: connecting, reading the catalogue.
pub fn plain(error: sqlx::Error) -> ToolError {
    if let sqlx::Error::Database(database) = &error
        && database.try_downcast_ref::<PgDatabaseError>().is_none()
        && let Some(code) = database.code().and_then(|code| code.parse::<i32>().ok())
    {
        let message = database.message().to_owned();
        return sqlite(code, &message).cause(error);
    }
    let error = ToolError::from(error);
    if error.kind() == ErrorKind::Overloaded { error.retry_after(BUSY) } else { error }
}

/// The limit of time, as the agent reads it.
pub fn timed_out(limit: Duration) -> ToolError {
    ToolError::timeout(format!("the query was stopped at its limit of {} s, in the database too", limit.as_secs_f64()))
        .advice("Ask for less: a narrower WHERE, an indexed column, an aggregate; do not answer from memory.")
        .do_not_retry()
}

/// The error of a query in SQLite.
pub fn of_sqlite_query(error: sqlx::Error, statement: &Statement, sql: &str, limit: Duration) -> Fault {
    let sqlx::Error::Database(database) = &error else { return plain(error).into() };
    let Some(code) = database.code().and_then(|code| code.parse::<i32>().ok()) else { return plain(error).into() };
    let message = database.message().to_owned();
    if code & 0xff == 9 {
        return timed_out(limit).cause(error).into();
    }
    if code != 1 {
        return sqlite(code, &message).cause(error).into();
    }
    let after = |start: &str| message.strip_prefix(start).map(|name| name.trim().to_owned());
    let missing = match (after("no such table: "), after("no such column: ")) {
        (Some(table), _) => Some(Missing::Table(table)),
        (_, Some(column)) => Some(Missing::Column(column)),
        _ => None,
    };
    let near = message.strip_prefix("near \"").and_then(|rest| rest.split("\": ").next());
    let near = near.or(match &missing {
        Some(Missing::Table(name) | Missing::Column(name)) => Some(name.as_str()),
        None => None,
    });
    let place = near.and_then(|near| statement.place_of_piece(sql, near));
    let place = place.map(|place| format!(" ({place})")).unwrap_or_default();
    let kind =
        if message.starts_with("not authorized") { ErrorKind::PermissionDenied } else { ErrorKind::InvalidArgument };
    let error =
        ToolError::new(kind, format!("the database refused the query: {message}{place}")).pointer("/sql").cause(error);
    Fault { error, missing }
}

/// What a result code of SQLite means (its low byte is the primary one).
fn sqlite(code: i32, message: &str) -> ToolError {
    match code & 0xff {
        5 | 6 => ToolError::overloaded("the database is locked by another process").retry_after(BUSY),
        7 => ToolError::result_too_large("the query needs more memory than the server gives it")
            .advice("Ask for less: fewer columns, `substr` of long ones, an aggregate."),
        8 => ToolError::permission_denied("the database is open for reading only")
            .pointer("/sql")
            .advice("Tell the user that this server cannot change data; do not claim that anything was changed."),
        9 => ToolError::timeout("the query was stopped at its limit of time"),
        10 | 14 => ToolError::upstream_unavailable("the database file cannot be read"),
        11 | 26 => ToolError::upstream_unavailable("the file is damaged or no SQLite database").do_not_retry(),
        18 => ToolError::result_too_large("a value or the query itself is longer than the database allows"),
        3 | 23 => ToolError::permission_denied("the database refused: no permission"),
        _ => ToolError::invalid_argument(format!("the database refused the query: {message}")).pointer("/sql"),
    }
}

/// The error of a query in PostgreSQL that was sent behind `prefix` characters of the server's own.
pub fn of_postgres_query(
    error: sqlx::Error,
    statement: &Statement,
    sql: &str,
    prefix: usize,
    limit: Duration,
) -> Fault {
    let Some(database) = error.as_database_error().and_then(|database| database.try_downcast_ref::<PgDatabaseError>())
    else {
        return plain(error).into();
    };
    let (code, message) = (database.code().to_owned(), database.message().to_owned());
    let kind = match code.as_str() {
        "57014" => return timed_out(limit).cause(error).into(),
        "42501" | "25006" => ErrorKind::PermissionDenied,
        "0A000" if message.contains("data-modifying") => ErrorKind::PermissionDenied,
        "55P03" => return ToolError::overloaded("a table is locked by a change").retry_after(BUSY).cause(error).into(),
        "40001" | "40P01" => {
            return ToolError::conflict("the data changed under the query").retry_after(BUSY).cause(error).into();
        }
        _ if ["0A", "21", "22", "34", "42", "54"].iter().any(|class| code.starts_with(class)) => {
            ErrorKind::InvalidArgument
        }
        _ => return plain(error).into(),
    };
    let place = match database.position() {
        Some(PgErrorPosition::Original(at)) if at > prefix => {
            format!(" ({})", statement.place_of_char(sql, at - prefix - 1))
        }
        _ => String::new(),
    };
    let hint = database.hint().map(str::to_owned);
    let missing = match code.as_str() {
        "42P01" => quoted_name(&message).map(Missing::Table),
        "42703" => quoted_name(&message).or_else(|| message.split(' ').nth(1).map(str::to_owned)).map(Missing::Column),
        _ => None,
    };
    let mut told =
        ToolError::new(kind, format!("the database refused the query: {message}{place}")).pointer("/sql").cause(error);
    if kind == ErrorKind::PermissionDenied {
        told = told.advice("Tell the user that this server cannot do this; do not claim that anything was changed.");
    } else if let Some(hint) = hint {
        told = told.advice(format!("The database says: {hint}"));
    }
    Fault { error: told, missing }
}

/// The name between the first double quotes of a message.
fn quoted_name(message: &str) -> Option<String> {
    message.split('"').nth(1).map(str::to_owned)
}
