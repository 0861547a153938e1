//! What an error of SQLite means.

use std::time::Duration;

use mcp_server_core::tool::ErrorKind;
use rusqlite::Error;

use crate::fault::{BUSY, Fault, Missing, no_write, timed_out, too_much_memory};
use crate::sql_text::Statement;

/// The code and the message of an error, where it is one of the engine.
fn parts(error: &Error) -> Option<(i32, String, Option<usize>)> {
    match error {
        Error::SqliteFailure(code, message) => {
            Some((code.extended_code, message.clone().unwrap_or_else(|| code.to_string()), None))
        }
        Error::SqlInputError { error, msg, offset, .. } => {
            Some((error.extended_code, msg.clone(), usize::try_from(*offset).ok()))
        }
        _ => None,
    }
}

/// The error of a step that the agent's text has no part in: reading the catalogue.
pub(super) fn plain(error: &Error) -> Fault {
    match parts(error) {
        Some((code, message, _)) => of_code(code, &message).cause(error),
        None => Fault::new(ErrorKind::Internal, "the database file could not be read as expected").cause(error),
    }
}

/// Whether it is about the text of a statement: `SQLITE_ERROR`.
pub(super) fn is_about_sql(error: &Error) -> bool {
    parts(error).is_some_and(|(code, ..)| code & 0xff == 1)
}

/// Whether a value is longer than the engine handles, or memory ran out: `SQLITE_TOOBIG`, `SQLITE_NOMEM`.
pub(super) fn is_about_size(error: &Error) -> bool {
    parts(error).is_some_and(|(code, ..)| matches!(code & 0xff, 7 | 18))
}

/// The error of a query.
pub(super) fn of_query(error: &Error, statement: &Statement, sql: &str, limit: Duration) -> Fault {
    let Some((code, message, offset)) = parts(error) else { return plain(error) };
    match code & 0xff {
        1 => {}
        9 => return timed_out(limit).cause(error),
        14 => {
            let message = "the query needs more temporary files than a query may use";
            return Fault::new(ErrorKind::ResultTooLarge, message)
                .advice("Use fewer sub-queries, sorts and groups at once.")
                .sql()
                .cause(error);
        }
        _ => return of_code(code, &message).cause(error),
    }
    let after = |start: &str| message.strip_prefix(start).map(|name| name.trim().to_owned());
    let column = || {
        let name = after("no such column: ")?;
        // The engine adds a hint of its own behind a name in double quotes.
        Some(Missing::Column(name.split(" - ").next().unwrap_or(&name).trim_matches('"').to_owned()))
    };
    let near = message.strip_prefix("near \"").and_then(|rest| rest.split("\": ").next());
    let missing = after("no such table: ")
        .map(Missing::Table)
        .or_else(column)
        .or_else(|| after("no such function: ").map(Missing::Function))
        .or_else(|| near.map(|near| Missing::Syntax(near.to_owned())));
    let place = match (offset, near) {
        (Some(offset), _) => Some(statement.place_of_byte(sql, offset)),
        (None, Some(near)) => statement.place_of_piece(sql, near),
        (None, None) => match &missing {
            Some(Missing::Table(name) | Missing::Column(name)) => statement.place_of_piece(sql, name),
            _ => None,
        },
    };
    let place = place.map(|place| format!(" ({place})")).unwrap_or_default();
    let message = match &missing {
        Some(Missing::Column(name)) => format!("no such column: {name}"),
        _ => message,
    };
    let kind = if is_refusal(&message) { ErrorKind::PermissionDenied } else { ErrorKind::InvalidArgument };
    Fault::new(kind, format!("the database refused the query: {message}{place}")).sql().cause(error).missing(missing)
}

fn is_refusal(message: &str) -> bool {
    ["not authorized", "access to ", "unsafe use of"].iter().any(|start| message.starts_with(start))
}

/// What a result code of SQLite means; its low byte is the primary one.
fn of_code(code: i32, message: &str) -> Fault {
    match code & 0xff {
        5 | 6 => Fault::new(ErrorKind::Overloaded, "the database is locked by another process").wait(BUSY),
        // What did not fit may still be in memory.
        7 => too_much_memory().retired(),
        8 => no_write("the database is open for reading only"),
        9 => Fault::new(ErrorKind::Timeout, "the query was stopped at its limit of time"),
        10 | 14 => Fault::new(ErrorKind::UpstreamUnavailable, "the database file cannot be read").retired(),
        11 | 26 => Fault::new(ErrorKind::UpstreamUnavailable, "the file is damaged or no SQLite database").lasting(),
        13 => Fault::new(ErrorKind::ResultTooLarge, "there is no space left for what the query sorts or groups")
            .advice("Sort and group less: a narrower WHERE, fewer columns, or a LIMIT."),
        18 => Fault::new(ErrorKind::ResultTooLarge, "a value, or the query itself, is longer than the 16 MiB allowed")
            .advice("Leave the long value out, or ask only for its size with octet_length().")
            .sql(),
        3 | 23 => no_write(format!("the database refused the query: {message}")),
        _ => Fault::new(ErrorKind::InvalidArgument, format!("the database refused the query: {message}")).sql(),
    }
}
