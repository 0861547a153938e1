//! The engine itself: one connection that writes, a few that read.

use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicU32;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use sqlx::ConnectOptions as _;
use sqlx::pool::PoolOptions;
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqliteSynchronous};
use sqlx::{SqliteConnection, SqlitePool};
use tokio::time::Instant;

use super::fault::{ENGINE, at_open, in_use, is_busy};
use super::file_lock::FileLock;
use super::{place, schema};
use crate::store::clock::Clock;
use crate::store::engine::Engine;
use crate::store::error::StoreError;
use crate::store::hub::Hub;
use crate::store::reply::Reply;

/// How long a write waits for another process that writes.
const BUSY: Duration = Duration::from_secs(5);
/// How long opening a file waits for another process that uses it, which may be about to end.
const HANDOVER: Duration = Duration::from_secs(1);
/// How soon opening a file is tried again.
const AGAIN: Duration = Duration::from_millis(10);
/// How long an operation waits for a connection: longer, so that the file is named as the cause where it is.
const QUEUE: Duration = Duration::from_secs(6);
/// Connections that read. Each has a thread, made when it is first needed.
const READERS: u32 = 4;

/// The engine in one SQLite file.
///
/// Writes go through one connection and queue there, in order; reads see the last commit and wait for nobody (WAL).
/// A write survives the end of the process at once, and a loss of power within the time of a checkpoint (`synchronous =
/// NORMAL`): the file stays whole, its last moments may be gone.
///
/// The file belongs to one process at a time, which holds a lock of the operating system on `FILE.lock` beside it. The
/// lock ends with the process, however that ends. Within a process the file can be opened several times. Not for network
/// file systems.
#[derive(Clone)]
pub struct Sqlite {
    pub(super) writer: SqlitePool,
    pub(super) readers: SqlitePool,
    pub(super) hub: Hub,
    pub(super) clock: Clock,
    path: PathBuf,
    /// Gone once the engine is closed.
    lock: Arc<Mutex<Option<Arc<FileLock>>>>,
    /// Writes so far, by which it is decided when to sweep.
    pub(super) writes: Arc<AtomicU32>,
}

impl Sqlite {
    /// Opens the file, and makes it (0600) and its folder (0700) if they are not there.
    ///
    /// # Errors
    /// [`StoreError::Unusable`] with the reason and the remedy: no right to write, not a database, one of something else,
    /// or one of a newer version. [`StoreError::Unreachable`] if another process uses the file, or the disk is full.
    pub async fn open(path: impl AsRef<Path>) -> Result<Self, StoreError> {
        Self::open_with(path.as_ref(), Clock::wall(), BUSY).await
    }

    /// As [`open`](Self::open), with a clock of the caller's, so that tests need not wait.
    ///
    /// # Errors
    /// As [`open`](Self::open).
    pub async fn open_with_clock(path: impl AsRef<Path>, clock: Clock) -> Result<Self, StoreError> {
        Self::open_with(path.as_ref(), clock, BUSY).await
    }

    pub(crate) async fn open_url(rest: &str) -> Result<Self, StoreError> {
        Self::open(place::path(rest)?).await
    }

    pub(super) async fn open_with(path: &Path, clock: Clock, busy: Duration) -> Result<Self, StoreError> {
        place::make(path)?;
        let lock = FileLock::take(path, busy.min(HANDOVER)).await?;
        let options = SqliteConnectOptions::new()
            .filename(path)
            .create_if_missing(false)
            .busy_timeout(busy)
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Normal)
            .pragma("journal_size_limit", "16777216")
            .disable_statement_logging();
        let fault = |error| at_open(path, error);
        let writer = connect(&options, busy).await.map_err(fault)?;
        schema::migrate(&mut *writer.acquire().await.map_err(fault)?, path).await?;
        let readers = pool(READERS).connect_lazy_with(options.read_only(true));
        let path = path.to_owned();
        let lock = Arc::new(Mutex::new(Some(lock)));
        Ok(Self { writer, readers, hub: Hub::default(), clock, path, lock, writes: Arc::default() })
    }

    /// The file.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Times leave as the signed numbers of SQLite.
    pub(super) fn now(&self) -> i64 {
        self.clock.millis().cast_signed()
    }
}

/// Opens the connection that writes.
///
/// The first process to open a new file switches it to a write-ahead log. SQLite does not wait where two do so at
/// once, but refuses one of them; that one tries again for as long as any write would wait.
async fn connect(options: &SqliteConnectOptions, busy: Duration) -> Result<SqlitePool, sqlx::Error> {
    let since = Instant::now();
    loop {
        match pool(1).connect_with(options.clone()).await {
            Err(error) if is_busy(&error) && since.elapsed() < busy => tokio::time::sleep(AGAIN).await,
            done => return done,
        }
    }
}

/// Connections that stay open, and are not asked whether they live before each use: they are a file.
fn pool(connections: u32) -> PoolOptions<sqlx::Sqlite> {
    PoolOptions::new()
        .max_connections(connections)
        .acquire_timeout(QUEUE)
        .idle_timeout(None)
        .max_lifetime(None)
        .test_before_acquire(false)
}

impl Engine for Sqlite {
    fn name(&self) -> &'static str {
        ENGINE
    }

    fn ping(&self) -> Reply<'_, ()> {
        Box::pin(async {
            // Takes the lock of a writer and gives it back: a file that can only be read is of no use.
            self.transaction(async |_: &mut SqliteConnection| Ok(())).await.map_err(in_use)
        })
    }

    fn sweep(&self) -> Reply<'_, ()> {
        Box::pin(async { self.sweep_all().await.map_err(in_use) })
    }

    fn clock(&self) -> Option<Clock> {
        Some(self.clock.clone())
    }

    fn time(&self) -> Reply<'_, u64> {
        let now = self.clock.millis();
        Box::pin(async move { Ok(now) })
    }

    fn close(&self) -> Reply<'_, ()> {
        Box::pin(async {
            self.hub.close();
            self.readers.close().await;
            self.writer.close().await;
            drop(self.lock.lock().unwrap_or_else(PoisonError::into_inner).take());
            Ok(())
        })
    }
}

impl fmt::Debug for Sqlite {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sqlite").field("path", &self.path).finish_non_exhaustive()
    }
}
