//! The connections that work: few, kept, and closed rather than used again when in doubt.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use sqlx::postgres::{PgArguments, PgConnectOptions, PgRow};
use sqlx::query::Query;
use sqlx::{ConnectOptions as _, Connection as _, Error, PgConnection};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::Instant;

use super::fault::{is_end, late};

/// How long a connection may take to be made.
pub(super) const CONNECT: Duration = Duration::from_secs(3);
/// A connection that was not used for this long is asked whether it lives before it is trusted with a write.
const TRUSTED: Duration = Duration::from_secs(1);
/// How long that may take.
const CHECK: Duration = Duration::from_secs(1);

/// One statement with its values.
pub(super) type Statement<'q> = Query<'q, sqlx::Postgres, PgArguments>;

/// Connections to one server.
///
/// A connection in whose use somebody lost patience is in the middle of an answer: it is closed, not kept, and its
/// place is free at once, even if the server is silent. Nothing is asked after each use, other than in the pool of the
/// driver, so that an operation is one round trip.
pub(super) struct Pool {
    options: PgConnectOptions,
    seats: Arc<Semaphore>,
    idle: Mutex<Vec<Idle>>,
    /// How often a connection was lost. Those that are older than the last loss are suspects.
    losses: AtomicU64,
    /// Whether the last try to make a connection failed.
    is_refused: AtomicBool,
}

struct Idle {
    connection: PgConnection,
    since: Instant,
    losses: u64,
}

/// A connection in use. Dropped, it is closed.
struct Lease {
    connection: PgConnection,
    losses: u64,
    fresh: bool,
    _seat: OwnedSemaphorePermit,
}

impl Pool {
    pub(super) fn new(options: PgConnectOptions, connections: usize) -> Self {
        let (seats, idle) = (Arc::new(Semaphore::new(connections)), Mutex::default());
        Self { options, seats, idle, losses: AtomicU64::new(0), is_refused: AtomicBool::new(false) }
    }

    /// Runs a statement once and returns all its rows.
    pub(super) async fn write(&self, statement: Statement<'_>) -> Result<Vec<PgRow>, Error> {
        let lease = self.lease().await?;
        self.run(lease, statement).await.map_err(|(error, _)| error)
    }

    /// Runs a statement that changes nothing, and once more if it was an old connection that failed.
    pub(super) async fn read<'q>(&self, statement: impl Fn() -> Statement<'q>) -> Result<Vec<PgRow>, Error> {
        let lease = self.lease().await?;
        match self.run(lease, statement()).await {
            Err((error, fresh)) if is_end(&error) && !fresh => {
                let lease = self.lease().await?;
                self.run(lease, statement()).await
            }
            done => done,
        }
        .map_err(|(error, _)| error)
    }

    /// Says goodbye on every connection; nothing works afterwards.
    pub(super) async fn close(&self) {
        self.seats.close();
        let idle = std::mem::take(&mut *self.lock());
        let goodbyes = idle.into_iter().map(|idle| idle.connection.close());
        // A server that is away is not waited for.
        drop(tokio::time::timeout(CHECK, futures_util::future::join_all(goodbyes)).await);
    }

    async fn run(&self, mut lease: Lease, statement: Statement<'_>) -> Result<Vec<PgRow>, (Error, bool)> {
        match statement.fetch_all(&mut lease.connection).await {
            Err(error) if is_end(&error) => {
                self.losses.fetch_add(1, Ordering::Relaxed);
                Err((error, lease.fresh))
            }
            done => {
                self.keep(lease);
                done.map_err(|error| (error, true))
            }
        }
    }

    async fn lease(&self) -> Result<Lease, Error> {
        let seat = Arc::clone(&self.seats).acquire_owned().await.map_err(|_closed| Error::PoolClosed)?;
        loop {
            let Some(mut idle) = self.lock().pop() else { break };
            let losses = self.losses.load(Ordering::Relaxed);
            if idle.since.elapsed() < TRUSTED && idle.losses == losses || lives(&mut idle.connection).await {
                return Ok(Lease { connection: idle.connection, losses, fresh: false, _seat: seat });
            }
            self.losses.fetch_add(1, Ordering::Relaxed);
        }
        let losses = self.losses.load(Ordering::Relaxed);
        Ok(Lease { connection: self.connect().await?, losses, fresh: true, _seat: seat })
    }

    async fn connect(&self) -> Result<PgConnection, Error> {
        let connection = connect(&self.options).await;
        self.is_refused.store(connection.is_err(), Ordering::Relaxed);
        connection
    }

    /// Makes a connection if the last one that was needed could not be made: operations that need one fail although
    /// others go through.
    pub(super) async fn check(&self) -> Result<(), Error> {
        // One at most is in use by this for a moment; a busy pool shows by itself whether there are connections.
        if !self.is_refused.load(Ordering::Relaxed) {
            return Ok(());
        }
        let Ok(seat) = Arc::clone(&self.seats).try_acquire_owned() else { return Ok(()) };
        let losses = self.losses.load(Ordering::Relaxed);
        let connection = self.connect().await?;
        self.keep(Lease { connection, losses, fresh: true, _seat: seat });
        Ok(())
    }

    fn keep(&self, lease: Lease) {
        if !self.seats.is_closed() {
            let Lease { connection, losses, .. } = lease;
            self.lock().push(Idle { connection, since: Instant::now(), losses });
        }
    }

    fn lock(&self) -> MutexGuard<'_, Vec<Idle>> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Makes a connection.
pub(super) async fn connect(options: &PgConnectOptions) -> Result<PgConnection, Error> {
    tokio::time::timeout(CONNECT, options.connect()).await.unwrap_or_else(|_| Err(late("no connection in time")))
}

async fn lives(connection: &mut PgConnection) -> bool {
    matches!(tokio::time::timeout(CHECK, connection.ping()).await, Ok(Ok(())))
}
