//! What an error of PostgreSQL means.

use std::time::Duration;

use mcp_server_core::tool::{ErrorKind, ToolError};
use sqlx::postgres::{PgConnectOptions, PgDatabaseError, PgErrorPosition};

use crate::fault::{BUSY, Fault, Missing, no_write, timed_out};
use crate::sql_text::Statement;

/// How long a message of the server may be: it may quote a value of any size.
const LONGEST: usize = 1_000;

/// The error of a step that the agent's text has no part in: connecting, reading the catalogue.
pub(super) fn plain(error: sqlx::Error) -> Fault {
    let cause = error.to_string();
    let known = ToolError::from(error);
    let wait = (known.kind() == ErrorKind::Overloaded).then_some(BUSY);
    let broken = matches!(known.kind(), ErrorKind::UpstreamUnavailable | ErrorKind::Internal);
    let fault = if known.kind() == ErrorKind::Internal {
        Fault::new(ErrorKind::UpstreamUnavailable, "the database cannot be reached")
    } else {
        Fault { of_sql: false, advice: None, ..known.into() }
    };
    let fault = Fault { wait, ..fault.cause(cause) };
    if broken { fault.retired() } else { fault }
}

/// The place that a connection is for, without its password.
fn place(options: &PgConnectOptions) -> String {
    let host = match options.get_socket() {
        Some(folder) => format!("socket {}", folder.display()),
        None => format!("host {}", options.get_host()),
    };
    let role = options.get_username();
    // Without a name, the database is that of the role.
    let database = options.get_database().unwrap_or(role);
    format!("{host}, port {}, role {role}, database {database}", options.get_port())
}

/// A server that does not answer.
pub(super) fn unreachable(options: &PgConnectOptions, reason: &str) -> Fault {
    Fault::new(ErrorKind::UpstreamUnavailable, format!("cannot connect to PostgreSQL ({}): {reason}", place(options)))
}

/// What keeps a connection from being made.
pub(super) fn of_connecting(options: &PgConnectOptions, error: &sqlx::Error) -> Fault {
    match error {
        sqlx::Error::Database(database) => {
            let busy = database.code().is_some_and(|code| matches!(&*code, "53300" | "57P03"));
            let kind = if busy { ErrorKind::Overloaded } else { ErrorKind::Misconfigured };
            Fault::new(kind, format!("PostgreSQL refuses the connection ({}): {}", place(options), database.message()))
        }
        sqlx::Error::Io(io) => unreachable(options, &io.to_string()),
        other => unreachable(options, &other.to_string()),
    }
}

/// The error of a query that was sent behind `prefix` characters of the server's own.
pub(super) fn of_query(error: sqlx::Error, statement: &Statement, sql: &str, prefix: usize, limit: Duration) -> Fault {
    let Some(database) = error.as_database_error().and_then(|database| database.try_downcast_ref::<PgDatabaseError>())
    else {
        return plain(error);
    };
    let (code, message) = (database.code().to_owned(), shortened(database.message()));
    let kind = match code.as_str() {
        "57014" => return timed_out(limit).cause(error),
        "42501" | "25006" => ErrorKind::PermissionDenied,
        "0A000" if message.contains("data-modifying") => ErrorKind::PermissionDenied,
        "55P03" => return Fault::new(ErrorKind::Overloaded, "a table is locked by a change").wait(BUSY).cause(error),
        "40001" | "40P01" => {
            return Fault::new(ErrorKind::Conflict, "the data changed under the query").wait(BUSY).cause(error);
        }
        // Of temporary space, and of memory in the server.
        "53400" | "53100" | "53200" => {
            return Fault::new(ErrorKind::ResultTooLarge, format!("the database stopped the query: {message}"))
                .advice("Sort and group less: a narrower WHERE, fewer columns, an aggregate, or a LIMIT.")
                .sql()
                .cause(error);
        }
        _ if ["0A", "21", "22", "34", "42", "54", "P0", "XX"].iter().any(|class| code.starts_with(class)) => {
            ErrorKind::InvalidArgument
        }
        _ => return plain(error),
    };
    let place = match database.position() {
        Some(PgErrorPosition::Original(at)) if at > prefix => {
            format!(" ({})", statement.place_of_char(sql, at - prefix - 1))
        }
        _ => String::new(),
    };
    let hint = database.hint().map(shortened);
    let missing = match code.as_str() {
        "42P01" => quoted_name(&message).map(Missing::Table),
        "42703" => quoted_name(&message).or_else(|| message.split(' ').nth(1).map(str::to_owned)).map(Missing::Column),
        "42883" if message.starts_with("function ") => message
            .split_whitespace()
            .nth(1)
            .and_then(|call| call.split('(').next())
            .map(|name| Missing::Function(name.to_owned())),
        "42883" => Some(Missing::Types),
        "42601" => quoted_name(&message).map(Missing::Syntax),
        _ => None,
    };
    let text = format!("the database refused the query: {message}{place}");
    let mut fault = if kind == ErrorKind::PermissionDenied { no_write(text) } else { Fault::new(kind, text).sql() };
    if let (Some(hint), None) = (hint, &fault.advice) {
        fault = fault.advice(format!("The database says: {hint}"));
    }
    fault.cause(shortened(&error.to_string())).missing(missing)
}

/// The name between the first double quotes of a message.
pub(super) fn quoted_name(message: &str) -> Option<String> {
    message.split('"').nth(1).map(str::to_owned)
}

fn shortened(message: &str) -> String {
    if message.len() <= LONGEST {
        return message.to_owned();
    }
    format!("{}…", message.get(..message.floor_char_boundary(LONGEST)).unwrap_or_default())
}
