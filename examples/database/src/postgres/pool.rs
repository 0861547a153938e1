//! The way into a PostgreSQL server: so many connections at once, and no more.

use std::sync::Arc;
use std::time::Duration;

use mcp_server_core::tool::{ErrorKind, ToolError, ToolResult};
use sqlx::ConnectOptions as _;
use sqlx::postgres::{PgConnectOptions, PgPool, PgPoolOptions};
use tokio::sync::Semaphore;

use super::canceller::Canceller;
use super::session::Session;
use crate::fault;
use crate::settings::Settings;

/// A PostgreSQL database.
///
/// Every query runs behind `DECLARE … CURSOR`, which takes one `SELECT` or `VALUES` and nothing else, in a `READ ONLY`
/// transaction that is always rolled back. Functions that may have effects are refused before that; see `functions`.
#[derive(Clone, Debug)]
pub struct Postgres {
    pool: PgPool,
    permits: Arc<Semaphore>,
    canceller: Canceller,
    wait: Duration,
    pub(super) time: Duration,
}

impl Postgres {
    /// Connects to a URL such as `postgres://reader@localhost/shop`.
    ///
    /// # Errors
    /// `misconfigured` if the URL is none, `upstream_unavailable` if nobody answers, or what the server refuses.
    pub async fn open(url: &str, settings: &Settings) -> ToolResult<Self> {
        let options: PgConnectOptions = url.parse().map_err(|error| {
            // The URL holds a password; the parser's error may quote it.
            let _: sqlx::Error = error;
            ToolError::misconfigured("the database URL cannot be read: it should be like postgres://user@host/name")
        })?;
        let options = options.application_name("mcp-database").disable_statement_logging();
        let postgres = Self {
            pool: PgPoolOptions::new()
                .max_connections(settings.connections)
                .acquire_timeout(settings.wait)
                .connect_lazy_with(options.clone()),
            permits: Arc::new(Semaphore::new(usize::try_from(settings.connections).unwrap_or(1))),
            canceller: Canceller::new(options),
            wait: settings.wait,
            time: settings.time,
        };
        postgres.session().await?.finish().await;
        Ok(postgres)
    }

    /// Begins a transaction on a connection of its own.
    pub(super) async fn session(&self) -> ToolResult<Session> {
        let permit = tokio::time::timeout(self.wait, Arc::clone(&self.permits).acquire_owned());
        let Ok(Ok(permit)) = permit.await else {
            return Err(ToolError::overloaded("all database connections are busy").retry_after(self.wait));
        };
        let connection = self.pool.acquire().await.map_err(|error| match error {
            // With a permit in hand a connection was free: the pool timed out because nobody answered.
            sqlx::Error::PoolTimedOut => unreachable_database().cause(error),
            error => {
                let told = fault::plain(error);
                if told.kind() == ErrorKind::Internal { unreachable_database().cause(told) } else { told }
            }
        })?;
        Session::begin(connection, permit, self.canceller.clone(), self.time).await
    }
}

fn unreachable_database() -> ToolError {
    ToolError::upstream_unavailable("the database cannot be reached")
}
