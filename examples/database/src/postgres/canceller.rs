//! Stopping in the server what nobody waits for.

use std::time::Duration;

use sqlx::postgres::{PgConnectOptions, PgPool, PgPoolOptions};

/// Cancels the query of another backend of the same role, over a connection kept apart from the busy ones.
#[derive(Clone, Debug)]
pub(super) struct Canceller {
    pool: PgPool,
}

impl Canceller {
    /// Connects when it is first needed, and lets go of the connection when it is not needed for a while.
    pub(super) fn new(options: PgConnectOptions) -> Self {
        let pool = PgPoolOptions::new()
            .max_connections(1)
            .min_connections(0)
            .idle_timeout(Duration::from_mins(1))
            .acquire_timeout(Duration::from_secs(5))
            .connect_lazy_with(options.application_name("mcp-database cancel"));
        Self { pool }
    }

    /// Asks the server to stop what the backend does. If that fails, its `statement_timeout` still ends it.
    pub(super) async fn cancel(&self, backend: i32) {
        let asked = sqlx::query_scalar::<_, bool>("SELECT pg_cancel_backend($1)").bind(backend).fetch_one(&self.pool);
        drop(asked.await);
    }
}
