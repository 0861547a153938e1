//! The functions that a query calls: those that may have effects are refused, whatever the role may do.
//!
//! A read-only transaction keeps tables from being written to, but not `pg_terminate_backend`, `dblink_exec`,
//! `pg_read_file` or `query_to_xml`. PostgreSQL marks every function that may do more than compute as volatile; of
//! these only a few that are known to be harmless pass. What is marked stable or immutable the server itself keeps
//! from writing. A function behind an operator or inside a view is not seen here; a role without needless
//! privileges is still the first thing to give to this server.

use mcp_server_core::tool::ErrorKind;
use sqlx::postgres::PgConnection;

use super::fault;
use crate::fault::{Fault, no_write};
use crate::nearest::either;
use crate::sql_text::Statement;

/// Volatile because their result changes, or because they take time; the limit of time ends the latter.
const HARMLESS: [&str; 19] = [
    "clock_timestamp",
    "currval",
    "gen_random_uuid",
    "lastval",
    "pg_database_size",
    "pg_indexes_size",
    "pg_is_in_recovery",
    "pg_relation_size",
    "pg_sleep",
    "pg_sleep_for",
    "pg_sleep_until",
    "pg_table_size",
    "pg_tablespace_size",
    "pg_total_relation_size",
    "random",
    "random_normal",
    "timeofday",
    "uuidv4",
    "uuidv7",
];

/// Not volatile, though they run whatever SQL they are given as text (extensions tablefunc and xml2).
const RUNS_TEXT: [&str; 7] =
    ["connectby", "crosstab", "crosstab2", "crosstab3", "crosstab4", "crosstab_hash", "xpath_table"];

/// Relations of the system that hold secrets: password verifiers, connection strings, samples of any table's values.
const SECRET: [&str; 10] = [
    "pg_authid",
    "pg_hba_file_rules",
    "pg_largeobject",
    "pg_shadow",
    "pg_statistic",
    "pg_statistic_ext_data",
    "pg_subscription",
    "pg_user_mapping",
    "pg_user_mappings",
    "pg_stat_wal_receiver",
];

/// A function of one row is also called as if it were its column: `row.function`.
const VOLATILE: &str = "SELECT DISTINCT p.proname::text FROM pg_catalog.pg_proc p \
     JOIN pg_catalog.pg_namespace n ON n.oid = p.pronamespace \
     WHERE (p.provolatile = 'v' OR p.proname = ANY($4)) \
     AND NOT (n.nspname = 'pg_catalog' AND p.proname = ANY($3)) \
     AND NOT (p.proname = ANY($5) OR n.nspname || '.' || p.proname = ANY($5)) \
     AND (p.proname = ANY($1) OR p.proname = ANY($2) AND p.pronargs = 1 AND EXISTS \
     (SELECT FROM pg_catalog.pg_type t WHERE t.oid = p.proargtypes[0] AND t.typtype IN ('c', 'p'))) ORDER BY 1";

/// The longest name that PostgreSQL keeps, in bytes.
const LONGEST: usize = 63;

/// Refuses a query that calls a function with effects, or reads where secrets are kept.
///
/// # Errors
/// `permission_denied` naming the functions or the relations, and what connections fail with.
pub(super) async fn refuse_effects(
    connection: &mut PgConnection,
    statement: &Statement,
    allowed: &[String],
) -> Result<(), Fault> {
    let secret: Vec<&str> = SECRET.into_iter().filter(|secret| statement.names().any(|name| name == *secret)).collect();
    if !secret.is_empty() {
        let message = format!("{} may hold secrets and is not read here", either(&secret));
        return Err(Fault::new(ErrorKind::PermissionDenied, message)
            .advice("For roles, read pg_roles. Tell the user that this server does not show passwords.")
            .sql());
    }
    let (calls, members) = (kept(statement.calls()), kept(statement.members()));
    if calls.is_empty() && members.is_empty() {
        return Ok(());
    }
    let query = sqlx::query_scalar(VOLATILE)
        .bind(calls)
        .bind(members)
        .bind(HARMLESS.as_slice())
        .bind(RUNS_TEXT.as_slice())
        .bind(allowed)
        .persistent(false);
    let volatile: Vec<String> = query.fetch_all(connection).await.map_err(fault::plain)?;
    if volatile.is_empty() {
        return Ok(());
    }
    let names: Vec<&str> = volatile.iter().map(String::as_str).collect();
    Err(no_write(format!("{} may do more than read and is not run here", either(&names))).advice(
        "Write the query without it. If it only computes, its owner can declare it STABLE or IMMUTABLE, or the operator \
         of this server can allow it by name with --allow-function.",
    ))
}

/// The names as the server cuts them.
fn kept(names: Vec<String>) -> Vec<String> {
    names.into_iter().map(|name| name.get(..name.floor_char_boundary(LONGEST)).unwrap_or(&name).to_owned()).collect()
}
