//! The way into a SQLite file: a connection that cannot write, within bounds.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use mcp_server_core::tool::ErrorKind;
use rusqlite::config::DbConfig;
use rusqlite::limits::Limit;
use rusqlite::{Connection, OpenFlags};

use super::authorizer::authorize;
use super::fault;
use crate::bounds::{SQLITE_MEMORY, freeze_files};
use crate::fault::Fault;

/// How many steps of SQLite's virtual machine pass between two looks at the clock: a fraction of a millisecond.
const STEPS: i32 = 2_000;

/// How long a value may be, in bytes. A single step of the engine works on values of this length at most.
pub(super) const VALUE: i32 = 16 << 20;

/// A SQLite file.
///
/// It is opened with `SQLITE_OPEN_READONLY` and `query_only`, so that the engine itself refuses every write; an
/// authorizer refuses everything but reading. A name in double quotes that is no column is an error, not a text.
pub struct Sqlite {
    pub(super) connection: Connection,
    pub(super) limit: Duration,
    clock: Arc<Clock>,
}

/// When the query that runs must end, in microseconds after the start.
struct Clock {
    start: Instant,
    end: AtomicU64,
}

impl Clock {
    fn now(&self) -> u64 {
        u64::try_from(self.start.elapsed().as_micros()).unwrap_or(u64::MAX)
    }
}

impl std::fmt::Debug for Sqlite {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Sqlite").field("limit", &self.limit).finish_non_exhaustive()
    }
}

impl Sqlite {
    /// Opens a file that is there.
    ///
    /// # Errors
    /// `misconfigured` if it cannot be read or is no database.
    pub fn open(path: &Path, limit: Duration) -> Result<Self, Fault> {
        let file = path.display();
        let bare = |text: String| Fault::new(ErrorKind::Misconfigured, text);
        let connection = connect(path).map_err(|error| match error.sqlite_error_code() {
            Some(rusqlite::ErrorCode::NotADatabase) => bare(format!("{file} is not a SQLite database")),
            Some(rusqlite::ErrorCode::DatabaseCorrupt) => bare(format!("{file} is a damaged SQLite database")),
            _ => bare(format!("{file} cannot be opened as a SQLite database: {error}")),
        })?;
        let clock = Arc::new(Clock { start: Instant::now(), end: AtomicU64::new(u64::MAX) });
        let seen = Arc::clone(&clock);
        let late = move || seen.now() > seen.end.load(Ordering::Relaxed);
        connection.progress_handler(STEPS, Some(late)).map_err(|error| fault::plain(&error))?;
        connection.authorizer(Some(authorize)).map_err(|error| fault::plain(&error))?;
        freeze_files().map_err(|error| bare("the bounds of a query worker cannot be set".to_owned()).cause(error))?;
        Ok(Self { connection, limit, clock })
    }

    /// From now on, whatever runs is stopped after so long.
    pub(super) fn start(&self, limit: Duration) {
        let micros = u64::try_from(limit.as_micros()).unwrap_or(u64::MAX);
        self.clock.end.store(self.clock.now().saturating_add(micros), Ordering::Relaxed);
    }
}

fn connect(path: &Path) -> rusqlite::Result<Connection> {
    let connection =
        Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX)?;
    connection.busy_timeout(Duration::from_secs(2))?;
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_DQS_DML, false)?;
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_DQS_DDL, false)?;
    // What the file's own schema says is not trusted more than a query.
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_TRUSTED_SCHEMA, false)?;
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_DEFENSIVE, true)?;
    connection.pragma_update(None, "query_only", true)?;
    connection.pragma_update(None, "cell_size_check", true)?;
    if cfg!(not(unix)) {
        connection.pragma_update(None, "temp_store", "memory")?;
    }
    connection.query_row(&format!("PRAGMA hard_heap_limit = {SQLITE_MEMORY}"), [], |_| Ok(()))?;
    for (limit, value) in [
        (Limit::SQLITE_LIMIT_LENGTH, VALUE),
        (Limit::SQLITE_LIMIT_SQL_LENGTH, 1 << 20),
        (Limit::SQLITE_LIMIT_ATTACHED, 0),
        (Limit::SQLITE_LIMIT_WORKER_THREADS, 0),
        (Limit::SQLITE_LIMIT_LIKE_PATTERN_LENGTH, 1_000),
    ] {
        connection.set_limit(limit, value)?;
    }
    // A file that is no database opens well; its first page tells. In WAL mode this opens the other files too.
    connection.query_row("SELECT count(*) FROM sqlite_schema", [], |_| Ok(()))?;
    Ok(connection)
}
