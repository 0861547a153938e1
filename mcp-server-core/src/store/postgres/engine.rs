//! The engine itself: connections that work, and one that listens.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32};
use std::time::Duration;

use sqlx::Connection as _;
use sqlx::postgres::PgRow;

use super::address::Address;
use super::fault::{ENGINE, at_open, in_use, late};
use super::listener::Listener;
use super::pool::{Pool, Statement, connect};
use super::schema;
use crate::store::engine::Engine;
use crate::store::error::StoreError;
use crate::store::hub::Hub;
use crate::store::reply::Reply;

/// How long an operation may take, with everything that it waits for.
const OPERATION: Duration = Duration::from_secs(6);

/// The engine in a schema of a PostgreSQL database, 14 or later: any number of replicas share it.
///
/// The URL is `postgres://USER:PASSWORD@HOST:PORT/DATABASE`, with these options after `?`, all optional:
///
/// | option | default | meaning |
/// |---|---|---|
/// | `schema` | `mcp_server` | the schema that holds the tables; servers with different schemas do not see each other |
/// | `connections` | `10` | how many connections a process has at most, and one that listens |
/// | `sslmode`, `sslrootcert`, `sslcert`, `sslkey`, `host`, `application_name`, `options` | – | as in libpq |
///
/// What the URL leaves out comes from `PGHOST`, `PGUSER`, `PGPASSWORD` and their like, and from the password file.
///
/// The tables are made by the first replica that starts, and brought up to date by the first one of a newer version;
/// replicas that start together wait for each other. Lives are counted by the clock of the database, the one clock that
/// all replicas share. What was confirmed is as durable as the database makes it (`synchronous_commit`, `fsync`).
///
/// The bus is LISTEN/NOTIFY on the channel with the name of the schema. It needs a connection that stays the same: a
/// proxy that hands out connections by transaction, such as pgbouncer in that mode, cannot stand in between.
///
/// Every operation ends within seconds, whatever the server does. A lost connection is replaced; a read is tried again
/// on a new one, a write is not, for nobody knows whether it was done.
#[derive(Clone)]
pub struct Postgres(pub(super) Arc<Shared>);

pub(super) struct Shared {
    pub(super) address: Address,
    pub(super) pool: Pool,
    pub(super) hub: Hub,
    pub(super) listener: Listener,
    /// Writes so far, by which it is decided when to sweep.
    pub(super) writes: AtomicU32,
    /// Whether somebody sweeps.
    pub(super) sweeping: AtomicBool,
}

impl Postgres {
    /// Connects, and makes the tables or brings them up to date.
    ///
    /// # Errors
    /// [`StoreError::Url`] for a URL that cannot be read. With the role, the host, the port, the database and a remedy:
    /// [`StoreError::Unreachable`] if the server is out of reach for now; [`StoreError::Unusable`] if it refuses, lacks a
    /// right that is needed, or has tables of a newer version.
    pub async fn open(url: &str) -> Result<Self, StoreError> {
        let address = Address::parse(url)?;
        let mut connection = connect(&address.migrating).await.map_err(|error| at_open(&address, error))?;
        schema::prepare(&mut connection, &address).await?;
        drop(connection.close().await);
        let hub = Hub::default();
        let listener = Listener::start(&address, &hub).await.map_err(|error| at_open(&address, error))?;
        let pool = Pool::new(address.working.clone(), address.connections);
        let (writes, sweeping) = (AtomicU32::new(0), AtomicBool::new(false));
        Ok(Self(Arc::new(Shared { address, pool, hub, listener, writes, sweeping })))
    }

    /// The role, the host, the port and the database.
    pub fn place(&self) -> &str {
        &self.0.address.place
    }

    /// The schema that holds the tables.
    pub fn schema(&self) -> &str {
        &self.0.address.schema
    }

    /// Runs a statement that changes something.
    pub(super) async fn write(&self, statement: Statement<'_>) -> Result<Vec<PgRow>, StoreError> {
        in_time(self.0.pool.write(statement)).await
    }

    /// Runs a statement that changes nothing.
    pub(super) async fn read<'q>(&self, statement: impl Fn() -> Statement<'q>) -> Result<Vec<PgRow>, StoreError> {
        in_time(self.0.pool.read(statement)).await
    }
}

async fn in_time<T>(work: impl Future<Output = Result<T, sqlx::Error>>) -> Result<T, StoreError> {
    tokio::time::timeout(OPERATION, work).await.unwrap_or_else(|_| Err(late("no answer in time"))).map_err(in_use)
}

impl Engine for Postgres {
    fn name(&self) -> &'static str {
        ENGINE
    }

    fn ping(&self) -> Reply<'_, ()> {
        Box::pin(async {
            in_time(self.0.pool.check()).await?;
            // A server that can only be read, a standby, is of no use.
            let rows = self.read(|| sqlx::query("SELECT current_setting('transaction_read_only')::boolean")).await?;
            match rows.first().map(|row| sqlx::Row::try_get(row, 0)).transpose().map_err(in_use)? {
                Some(false) => Ok(()),
                _ => Err(super::fault::unavailable("the database can only be read")),
            }
        })
    }

    fn time(&self) -> Reply<'_, u64> {
        Box::pin(async {
            let rows = self.read(|| sqlx::query("SELECT millis(clock_timestamp())")).await?;
            let row = rows.first().ok_or(sqlx::Error::RowNotFound);
            let millis: i64 = row.and_then(|row| sqlx::Row::try_get(row, 0)).map_err(in_use)?;
            Ok(millis.cast_unsigned())
        })
    }

    fn sweep(&self) -> Reply<'_, ()> {
        Box::pin(Self::sweep(self))
    }

    fn close(&self) -> Reply<'_, ()> {
        Box::pin(async {
            self.0.hub.close();
            self.0.listener.stop();
            self.0.pool.close().await;
            Ok(())
        })
    }
}

impl fmt::Debug for Postgres {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Postgres").field("place", &self.place()).field("schema", &self.schema()).finish_non_exhaustive()
    }
}
