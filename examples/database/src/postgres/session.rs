//! One read-only transaction, which leaves nothing behind: not in the database, not on the connection, not running.

use std::time::Duration;

use mcp_server_core::tool::ToolResult;
use sqlx::pool::PoolConnection;
use sqlx::{AssertSqlSafe, PgConnection, Row as _};
use tokio::runtime::Handle;
use tokio::sync::OwnedSemaphorePermit;

use super::canceller::Canceller;
use crate::fault;

/// A read-only transaction.
///
/// [`finish`](Self::finish) rolls it back and returns the connection. Dropped before that, because the call was
/// cancelled or timed out, it has the server stop the query and closes the connection.
#[derive(Debug)]
pub(super) struct Session {
    lent: Option<Lent>,
    canceller: Canceller,
    backend: i32,
}

#[derive(Debug)]
struct Lent {
    connection: PoolConnection<sqlx::Postgres>,
    permit: OwnedSemaphorePermit,
}

impl Session {
    pub(super) async fn begin(
        connection: PoolConnection<sqlx::Postgres>,
        permit: OwnedSemaphorePermit,
        canceller: Canceller,
        time: Duration,
    ) -> ToolResult<Self> {
        let mut lent = Lent { connection, permit };
        // `SET LOCAL`, not parameters of the connection: a pooler between may not pass those on.
        let sql = format!(
            "BEGIN TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY; \
             SET LOCAL statement_timeout = {time}; SET LOCAL lock_timeout = 2000; \
             SET LOCAL idle_in_transaction_session_timeout = 60000; \
             SET LOCAL datestyle = 'ISO, YMD'; SET LOCAL intervalstyle = 'iso_8601'; SET LOCAL bytea_output = 'hex'; \
             SET LOCAL extra_float_digits = 1; SET LOCAL standard_conforming_strings = on; \
             SELECT pg_backend_pid()",
            time = time.as_millis()
        );
        let row = sqlx::raw_sql(AssertSqlSafe(sql)).fetch_one(&mut *lent.connection).await;
        let backend = row.and_then(|row| row.try_get(0)).map_err(fault::plain);
        if backend.is_err() {
            // A connection in an unknown state goes to nobody else.
            lent.connection.close_on_drop();
        }
        Ok(Self { backend: backend?, lent: Some(lent), canceller })
    }

    /// The connection; `None` only after the end.
    pub(super) fn connection(&mut self) -> Result<&mut PgConnection, sqlx::Error> {
        self.lent.as_mut().map(|lent| &mut *lent.connection).ok_or(sqlx::Error::PoolClosed)
    }

    /// Ends the transaction. What went wrong in it does not matter: nothing of it stays.
    pub(super) async fn finish(mut self) {
        if let Some(lent) = &mut self.lent
            && sqlx::raw_sql("ROLLBACK").execute(&mut *lent.connection).await.is_ok()
        {
            self.lent = None;
        }
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        let Some(lent) = self.lent.take() else { return };
        let (canceller, backend) = (self.canceller.clone(), self.backend);
        let stop = async move {
            // The connection is held until then, so that the number cannot have gone to another query.
            canceller.cancel(backend).await;
            drop(lent.connection.detach());
            drop(lent.permit);
        };
        if let Ok(runtime) = Handle::try_current() {
            runtime.spawn(stop);
        }
    }
}
