//! The way into a SQLite file: connections that cannot write, and queries that can be stopped.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use mcp_server_core::tool::ToolResult;
use sqlx::pool::PoolConnection;
use sqlx::sqlite::{SqliteConnectOptions, SqlitePool, SqlitePoolOptions};
use sqlx::{ConnectOptions as _, SqliteConnection};

use crate::fault;
use crate::settings::Settings;

/// How many steps of SQLite's virtual machine pass between two looks at the clock: a fraction of a millisecond.
const STEPS: i32 = 2_000;

/// What SQLite may hold in memory, in bytes, over all connections of the process: a query such as
/// `randomblob(1000000000)` fails instead of starving the server.
const MEMORY: &str = "268435456";

/// A SQLite file.
///
/// It is opened with `SQLITE_OPEN_READONLY` and `query_only`, so that the engine itself refuses every write;
/// statements other than queries, `ATTACH` and `PRAGMA` above all, never reach it, because it takes one statement
/// at a time and that must begin with `SELECT`, `WITH` or `VALUES`. Loading of extensions is off.
#[derive(Clone, Debug)]
pub struct Sqlite {
    pool: SqlitePool,
    pub(super) time: Duration,
}

/// One connection, lent from the pool until it is dropped; whatever it still runs is stopped then.
#[derive(Debug)]
pub(super) struct Reader {
    connection: PoolConnection<sqlx::Sqlite>,
    stop: Arc<AtomicBool>,
}

impl Sqlite {
    /// Opens a file that is there.
    ///
    /// # Errors
    /// If it cannot be read or is no database.
    pub async fn open(path: &Path, settings: &Settings) -> ToolResult<Self> {
        let options = SqliteConnectOptions::new()
            .filename(path)
            .read_only(true)
            .create_if_missing(false)
            .pragma("query_only", "on")
            // What the file's own schema says is not trusted more than a query.
            .pragma("trusted_schema", "off")
            .pragma("cell_size_check", "on")
            .pragma("hard_heap_limit", MEMORY)
            .busy_timeout(Duration::from_secs(2))
            .row_buffer_size(16)
            .disable_statement_logging();
        let pool = SqlitePoolOptions::new()
            .max_connections(settings.connections)
            .acquire_timeout(settings.wait)
            .connect_with(options)
            .await
            .map_err(fault::plain)?;
        let sqlite = Self { pool, time: settings.time };
        // A file that is no database opens well; its first page tells.
        sqlite.catalogue().await?;
        Ok(sqlite)
    }

    /// Lends a connection whose time starts now.
    pub(super) async fn reader(&self) -> ToolResult<Reader> {
        let mut connection = self.pool.acquire().await.map_err(fault::plain)?;
        let stop = Arc::new(AtomicBool::new(false));
        let (stopped, deadline) = (Arc::clone(&stop), Instant::now() + self.time);
        let mut handle = connection.lock_handle().await.map_err(fault::plain)?;
        handle.set_progress_handler(STEPS, move || !stopped.load(Ordering::Relaxed) && Instant::now() < deadline);
        drop(handle);
        Ok(Reader { connection, stop })
    }

    /// How many connections are lent or idle, and how many of them idle: for tests.
    pub fn connections(&self) -> (u32, usize) {
        (self.pool.size(), self.pool.num_idle())
    }
}

impl Reader {
    pub(super) fn connection(&mut self) -> &mut SqliteConnection {
        &mut self.connection
    }
}

impl Drop for Reader {
    /// The engine runs on a thread of its own, which does not know that nobody waits any more: it is told.
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
    }
}
