//! A PostgreSQL server for the length of a test run, and a look at it past the server under test.

use std::time::{Duration, Instant};

use mcp_server_tests::services::Postgres;
use sqlx::postgres::{PgConnectOptions, PgConnection};
use sqlx::{AssertSqlSafe, ConnectOptions as _};

/// A running server; it ends when this is dropped.
pub struct Cluster(Postgres);

impl Cluster {
    /// Starts a server. `None` if PostgreSQL is not installed here; on CI that is a failure.
    pub fn start() -> Option<Self> {
        Postgres::start().map(Self)
    }

    /// The URL for a role.
    pub fn url(&self, role: &str) -> String {
        self.0.url_of(role)
    }

    /// A connection past the server under test, as superuser.
    pub async fn superuser(&self) -> PgConnection {
        let options = PgConnectOptions::new_without_pgpass().host("127.0.0.1").port(self.0.port());
        options.username("postgres").database("postgres").connect().await.expect("connects")
    }

    /// Runs statements as superuser.
    pub async fn execute(&self, sql: &str) {
        sqlx::raw_sql(AssertSqlSafe(sql)).execute(&mut self.superuser().await).await.expect("the statements run");
    }

    /// How many queries of the server under test the database works on now.
    pub async fn active(&self) -> i64 {
        sqlx::query_scalar(
            "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'mcp-database' AND state = 'active'",
        )
        .fetch_one(&mut self.superuser().await)
        .await
        .expect("counts")
    }

    /// Waits until the database works on so many; fails if it does not come to that.
    pub async fn until_active(&self, wanted: i64) {
        let begun = Instant::now();
        let mut every = tokio::time::interval(Duration::from_millis(20));
        while self.active().await != wanted {
            assert!(begun.elapsed() < Duration::from_secs(10), "still {} active, not {wanted}", self.active().await);
            every.tick().await;
        }
    }
}
