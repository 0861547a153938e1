//! The labels of an enumerated type, for a query that used another one.

use sqlx::postgres::PgConnection;

use super::fault::quoted_name;
use crate::fault::{Fault, Missing};

const LABELS: &str = "SELECT e.enumlabel::text FROM pg_catalog.pg_enum e \
     JOIN pg_catalog.pg_type t ON t.oid = e.enumtypid WHERE t.typname = $1 ORDER BY e.enumtypid, e.enumsortorder LIMIT 100";

/// Adds the labels of the type to an error about a value that is none of them.
pub(super) async fn named(connection: &mut PgConnection, fault: Fault) -> Fault {
    let Some((_, about)) = fault.message.split_once("invalid input value for enum ") else { return fault };
    let Some((type_name, value)) = about.split_once(": ") else { return fault };
    let type_name = type_name.rsplit('.').next().unwrap_or(type_name).trim_matches('"');
    let Some(value) = quoted_name(value) else { return fault };
    // The error has ended the transaction; the catalogue is read outside it.
    let ended = sqlx::raw_sql("ROLLBACK").execute(&mut *connection).await;
    let labels = match ended {
        Ok(_) => sqlx::query_scalar(LABELS).bind(type_name).persistent(false).fetch_all(connection).await,
        Err(error) => Err(error),
    };
    match labels {
        Ok(labels) if !labels.is_empty() => fault.missing(Some(Missing::Label { value, labels })),
        _ => fault,
    }
}
