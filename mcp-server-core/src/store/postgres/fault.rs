//! What the errors of PostgreSQL mean for a store.

use std::borrow::Cow;

use sqlx::Error;

use super::address::Address;
use crate::store::error::{Cause, StoreError};

/// The engine's name in errors.
pub(super) const ENGINE: &str = "postgres";

/// An error while the store is in use.
pub(super) fn in_use(error: Error) -> StoreError {
    let (engine, source) = (ENGINE, Box::new(error));
    match state(&source).as_deref() {
        Some("53100") => StoreError::Full { engine, source },
        Some(code) if is_damage(code) => StoreError::Corrupt { engine, source },
        Some(_) => StoreError::Unavailable { engine, source },
        None => match *source {
            Error::ColumnDecode { .. } | Error::ColumnNotFound(_) | Error::Decode(_) | Error::RowNotFound => {
                StoreError::Corrupt { engine, source }
            }
            _ => StoreError::Unavailable { engine, source },
        },
    }
}

/// The store does not answer, for a reason of ours.
pub(super) fn unavailable(why: impl Into<Cause>) -> StoreError {
    StoreError::Unavailable { engine: ENGINE, source: why.into() }
}

/// Tables, functions or rights that were there at the start are gone, or pages cannot be read: waiting helps nobody.
fn is_damage(code: &str) -> bool {
    matches!(code.get(..2), Some("22" | "42" | "3F" | "XX" | "23"))
}

/// Whether the connection is of no more use after this.
pub(super) fn is_end(error: &Error) -> bool {
    match state(error).as_deref() {
        // Lost connections, and a server that stops or starts; a cancelled statement (57014) is neither. A primary that has
        // become a standby (25006) is left too: the name may lead to the new one.
        Some(code) => code == "25006" || ["08", "57P", "25P"].iter().any(|class| code.starts_with(class)),
        None => !matches!(error, Error::ColumnDecode { .. } | Error::ColumnNotFound(_) | Error::Decode(_)),
    }
}

/// An error while the store is opened, with what to do about it.
pub(super) fn at_open(address: &Address, error: Error) -> StoreError {
    let (schema, user) = (&address.schema, address.working.get_username());
    let state = state(&error);
    let why = match state.as_deref() {
        Some("28P01" | "28000") => {
            format!(
                "the server refuses the role `{user}` or its password; check both, that the role exists, and \
                 pg_hba.conf on the server"
            )
        }
        Some("3D000") => "there is no such database; make it, with ENCODING 'UTF8'".to_owned(),
        Some("42501") => format!(
            "the role `{user}` lacks a right; as an owner, run `CREATE SCHEMA {schema} AUTHORIZATION {user}`, \
             or make `{user}` the owner of what is in it"
        ),
        Some("25006") => READ_ONLY.to_owned(),
        Some("53300") => "the server has no connection left; raise its max_connections, or lower `connections` in \
             the URL of each replica"
            .to_owned(),
        Some("57P03") => "the server is starting or stopping; start again when it is up".to_owned(),
        Some("57014") | None if is_late(&error) => "it did not answer in time".to_owned(),
        Some(_) => "PostgreSQL refuses it".to_owned(),
        None => match &error {
            Error::Tls(_) => "no secure connection could be made; check `sslmode` and `sslrootcert`".to_owned(),
            Error::Configuration(_) => "its options cannot be used".to_owned(),
            Error::Protocol(_) => "what answers there is no PostgreSQL server; check the host and the port".to_owned(),
            _ if names_no_file(address, &error) => "a file that the URL names does not exist".to_owned(),
            _ => "check the host and the port, and that the server runs".to_owned(),
        },
    };
    let passes = match state.as_deref() {
        Some(code) => passes(code),
        None => match &error {
            Error::Tls(_) | Error::Configuration(_) | Error::Protocol(_) => false,
            _ => !names_no_file(address, &error),
        },
    };
    let (place, source) = (address.place.clone(), Some(error.into()));
    if passes { StoreError::Unreachable { place, why, source } } else { StoreError::Unusable { place, why, source } }
}

/// What is said of a server that takes no changes.
pub(super) const READ_ONLY: &str = "it can only be read, perhaps a standby; name the primary";

/// Whether an error at the start may be gone at the next one, with nothing changed: connections are lost or used up,
/// the server starts, stops or recovers, statements are cancelled or conflict, a standby becomes the primary.
fn passes(state: &str) -> bool {
    let class = state.get(..2).unwrap_or_default();
    state == "25006" || matches!(class, "08" | "40" | "53" | "55" | "57" | "58" | "XX")
}

/// Whether a certificate or key is missing. A socket that is missing belongs to a server that does not run.
fn names_no_file(address: &Address, error: &Error) -> bool {
    let is_missing = matches!(error, Error::Io(error) if error.kind() == std::io::ErrorKind::NotFound);
    is_missing && address.working.get_socket().is_none() && !address.working.get_host().starts_with('/')
}

fn is_late(error: &Error) -> bool {
    match error {
        Error::PoolTimedOut => true,
        Error::Io(error) => error.kind() == std::io::ErrorKind::TimedOut,
        error => state(error).as_deref() == Some("57014"),
    }
}

/// An error of a wait that was too long.
pub(super) fn late(what: &'static str) -> Error {
    Error::Io(std::io::Error::new(std::io::ErrorKind::TimedOut, what))
}

/// The SQLSTATE.
fn state(error: &Error) -> Option<String> {
    error.as_database_error()?.code().map(Cow::into_owned)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::StoreErrorKind;

    #[test]
    fn losing_the_connection_is_retryable_and_nonsense_in_a_row_is_not() {
        let lost = || Error::Io(std::io::ErrorKind::ConnectionReset.into());
        assert!(is_end(&lost()) && !is_end(&Error::ColumnNotFound("value".to_owned())));
        assert_eq!(in_use(lost()).kind(), StoreErrorKind::Unavailable);
        assert_eq!(in_use(Error::ColumnNotFound("value".to_owned())).kind(), StoreErrorKind::Corrupt);
    }

    #[test]
    fn what_passes_by_itself_is_told_from_what_somebody_has_to_change() {
        for state in ["08006", "25006", "40001", "53300", "57P03", "57014", "55P03"] {
            assert!(passes(state), "{state}");
        }
        for state in ["28P01", "28000", "3D000", "42501", "0A000", "22023", ""] {
            assert!(!passes(state), "{state}");
        }
        let address = Address::parse("postgres://app:hunter2@db.example/state?sslmode=require").unwrap();
        let opened = |error| at_open(&address, error);
        let io = |kind: std::io::ErrorKind| Error::Io(kind.into());
        assert_eq!(opened(io(std::io::ErrorKind::ConnectionRefused)).kind(), StoreErrorKind::Unavailable);
        assert_eq!(opened(io(std::io::ErrorKind::NotFound)).kind(), StoreErrorKind::Misconfigured);
        assert_eq!(opened(Error::Protocol("no".into())).kind(), StoreErrorKind::Misconfigured);
        let text = opened(late("no answer in time")).to_string();
        for part in ["app@", "db.example:5432", "/state"] {
            assert!(text.contains(part) && !text.contains("hunter2"), "{text}");
        }
    }

    #[test]
    fn a_missing_table_is_no_matter_of_waiting() {
        assert!(is_damage("42P01") && is_damage("3F000") && is_damage("XX001"));
        assert!(!is_damage("40001") && !is_damage("57P01") && !is_damage("25006") && !is_damage("53300"));
    }
}
