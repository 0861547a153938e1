//! The way into a PostgreSQL server: one connection, and a read-only transaction for each request.

use std::time::Duration;

use mcp_server_core::tool::ErrorKind;
use sqlx::postgres::{PgConnectOptions, PgConnection};
use sqlx::{AssertSqlSafe, ConnectOptions as _, Connection as _};
use tokio::runtime::Runtime;
use tokio::time::timeout;

use super::{fault, role};
use crate::catalogue::{Catalogue, Details, Table};
use crate::fault::{Fault, WorkerState, timed_out};
use crate::opening::Opened;
use crate::page::{Page, Window};
use crate::sql_text::Statement;

/// How long a connection may take.
const CONNECT: Duration = Duration::from_secs(10);

/// How long the server's own `statement_timeout` may be late before the connection is given up.
const LATE: Duration = Duration::from_millis(300);

/// What a connection is told once. Not every server knows or allows each of these; it goes on without.
const WISHES: [(&str, &str); 2] = [
    // A server whose client is gone stops its query, and does not wait until it has rows to send.
    ("client_connection_check_interval", "250"),
    ("temp_file_limit", "256MB"),
];

/// A PostgreSQL database.
///
/// Every query runs behind `DECLARE … CURSOR`, which takes one query and nothing else, in a `READ ONLY` transaction that
/// is always rolled back. Functions that may have effects are refused before that; see `functions`.
#[derive(Debug)]
pub struct Postgres {
    runtime: Runtime,
    connection: PgConnection,
    limit: Duration,
    functions: Vec<String>,
}

impl Postgres {
    /// Connects to a URL such as `postgres://reader@localhost/shop`.
    ///
    /// # Errors
    /// `misconfigured` with host, port, role and database, and what the server says.
    pub fn open(url: &str, limit: Duration, functions: Vec<String>) -> Result<(Self, Opened), Fault> {
        let options: PgConnectOptions = url.parse().map_err(|_: sqlx::Error| {
            // The URL holds a password; the parser's error may quote it.
            Fault::new(
                ErrorKind::Misconfigured,
                "the database URL cannot be read: it is like postgres://user@host/name",
            )
        })?;
        let options = options.application_name("mcp-database").statement_cache_capacity(50).disable_statement_logging();
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .map_err(|error| Fault::new(ErrorKind::Misconfigured, "a query worker cannot be started").cause(error))?;
        let (connection, opened) = runtime.block_on(async {
            let Ok(connected) = timeout(CONNECT, options.connect()).await else {
                return Err(fault::unreachable(&options, "it did not answer in 10 s"));
            };
            let mut connection = connected.map_err(|error| fault::of_connecting(&options, &error))?;
            for (name, value) in WISHES {
                let wish = sqlx::query("SELECT set_config($1, $2, false)").bind(name).bind(value).persistent(false);
                drop(wish.execute(&mut connection).await);
            }
            let opened = role::check(&mut connection).await.map_err(fault::plain)?;
            Ok((connection, opened))
        })?;
        Ok((Self { runtime, connection, limit, functions }, opened))
    }

    /// Every table and view that the role may read.
    ///
    /// # Errors
    /// If the database cannot be reached.
    pub fn catalogue(&mut self) -> Result<Catalogue, Fault> {
        let limit = self.limit;
        self.within(limit, async |connection, _| super::catalogue::tables(connection).await.map_err(fault::plain))
    }

    /// Keys, indexes, checks, partitions and the definition of a table.
    ///
    /// # Errors
    /// If the database cannot be reached.
    pub fn details(&mut self, table: &Table) -> Result<Details, Fault> {
        let limit = self.limit;
        self.within(limit, async |connection, _| {
            super::description::details(connection, table).await.map_err(fault::plain)
        })
    }

    /// Runs a query.
    ///
    /// # Errors
    /// What the server refuses, and time-outs.
    pub fn run(&mut self, statement: &Statement, sql: &str, window: Window, limit: Duration) -> Result<Page, Fault> {
        self.within(limit, async |connection, functions| {
            super::query::run(connection, statement, sql, window, limit, functions).await
        })
    }

    /// Does something in a transaction that is rolled back, and in so much time.
    fn within<T>(
        &mut self,
        limit: Duration,
        work: impl AsyncFnOnce(&mut PgConnection, &[String]) -> Result<T, Fault>,
    ) -> Result<T, Fault> {
        let Self { runtime, connection, functions, .. } = self;
        runtime.block_on(async {
            let all = async {
                begin(connection, limit)
                    .await
                    .map_err(|error| Fault { worker: WorkerState::Stale, ..fault::plain(error) })?;
                let result = work(connection, functions).await;
                // A description of a query that was prepared may not fit the tables of the next one.
                let cleared = connection.clear_cached_statements().await;
                let ended = sqlx::raw_sql("ROLLBACK").execute(&mut *connection).await;
                if cleared.is_err() || ended.is_err() { result.map_err(Fault::retired) } else { result }
            };
            // When this ends the process ends, and the server stops what runs for it.
            timeout(limit + LATE, all).await.unwrap_or_else(|_| Err(timed_out(limit).retired()))
        })
    }
}

async fn begin(connection: &mut PgConnection, limit: Duration) -> Result<(), sqlx::Error> {
    // `SET LOCAL`, not parameters of the connection: a pooler between may not pass those on.
    let sql = format!(
        "BEGIN TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY; \
         SET LOCAL statement_timeout = {time}; SET LOCAL lock_timeout = 2000; \
         SET LOCAL idle_in_transaction_session_timeout = 60000; \
         SET LOCAL datestyle = 'ISO, YMD'; SET LOCAL intervalstyle = 'iso_8601'; SET LOCAL bytea_output = 'hex'; \
         SET LOCAL extra_float_digits = 1; SET LOCAL standard_conforming_strings = on",
        time = limit.as_millis().max(1)
    );
    sqlx::raw_sql(AssertSqlSafe(sql)).execute(connection).await?;
    Ok(())
}
