//! The functions that a query calls: those that may have effects are refused, whatever the role may do.
//!
//! A read-only transaction keeps tables from being written to, but not `pg_terminate_backend`, `dblink_exec`,
//! `pg_read_file` or `query_to_xml`. PostgreSQL marks every function that may do more than compute as volatile; of
//! these only a few that are known to be harmless pass. What is marked stable or immutable the server itself keeps
//! from writing. A function behind an operator or inside a view is not seen here; a role without needless
//! privileges is still the first thing to give to this server.

use mcp_server_core::tool::ToolError;

use super::session::Session;
use crate::fault::Fault;
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

/// A function of one row is also called as if it were its column: `row.function`.
const VOLATILE: &str = "SELECT DISTINCT p.proname::text FROM pg_catalog.pg_proc p \
     WHERE (p.provolatile = 'v' OR p.proname = ANY($4)) \
     AND NOT (p.pronamespace = 'pg_catalog'::regnamespace AND p.proname = ANY($3)) \
     AND (p.proname = ANY($1) OR p.proname = ANY($2) AND p.pronargs = 1 AND EXISTS \
     (SELECT FROM pg_catalog.pg_type t WHERE t.oid = p.proargtypes[0] AND t.typtype IN ('c', 'p'))) ORDER BY 1";

/// The longest name that PostgreSQL keeps, in bytes.
const LONGEST: usize = 63;

/// Refuses a query that calls a function with effects.
///
/// # Errors
/// `permission_denied` naming the functions, and what connections fail with.
pub(super) async fn refuse_effects(session: &mut Session, statement: &Statement) -> Result<(), Fault> {
    let (calls, members) = (kept(statement.calls()), kept(statement.members()));
    if calls.is_empty() && members.is_empty() {
        return Ok(());
    }
    let query =
        sqlx::query_scalar(VOLATILE).bind(calls).bind(members).bind(HARMLESS.as_slice()).bind(RUNS_TEXT.as_slice());
    let volatile: Vec<String> = query.fetch_all(session.connection()?).await?;
    if volatile.is_empty() {
        return Ok(());
    }
    let names: Vec<&str> = volatile.iter().map(String::as_str).collect();
    Err(ToolError::permission_denied(format!("{} may do more than read and is not run here", either(&names)))
        .pointer("/sql")
        .advice("Write the query without it. If it only computes, the owner can declare it STABLE or IMMUTABLE.")
        .into())
}

/// The names as the server cuts them.
fn kept(names: Vec<String>) -> Vec<String> {
    names.into_iter().map(|name| name.get(..name.floor_char_boundary(LONGEST)).unwrap_or(&name).to_owned()).collect()
}
