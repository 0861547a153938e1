//! The tables: made and brought up to date by whichever replica starts first, while the others wait.

use sqlx::Executor as _;

use super::open::{Db, Engine};
use crate::ticket::NewTicket;

/// A step from one version of the tables to the next. Steps are added at the end and never changed.
struct Step {
    sqlite: &'static str,
    postgres: &'static str,
}

const STEPS: [Step; 1] =
    [Step { sqlite: include_str!("../../schema/sqlite.sql"), postgres: include_str!("../../schema/postgres.sql") }];

/// The lock of PostgreSQL under which replicas take their turn; any number that nobody else uses.
const LOCK: &str = "SELECT pg_advisory_xact_lock(7471620411)::text";

impl Db {
    /// Brings the tables up to date, and puts tickets into a database that is new. All of it happens, or nothing.
    pub(crate) async fn migrate(&self, sample: Vec<NewTicket>) -> sqlx::Result<()> {
        let mut changing = self.begin().await?;
        if self.engine == Engine::Postgres {
            changing.execute(LOCK).await?;
        }
        changing.execute("CREATE TABLE IF NOT EXISTS tickets_schema (version BIGINT NOT NULL)").await?;
        let done: i64 = sqlx::query_scalar("SELECT coalesce(max(version), 0) FROM tickets_schema")
            .fetch_one(&mut *changing)
            .await?;
        for (version, step) in (1_i64..).zip(&STEPS).filter(|(version, _)| *version > done) {
            let sql = if self.engine == Engine::Sqlite { step.sqlite } else { step.postgres };
            sqlx::raw_sql(sql).execute(&mut *changing).await?;
            sqlx::query("INSERT INTO tickets_schema VALUES ($1)").bind(version).execute(&mut *changing).await?;
        }
        if done == 0 {
            for ticket in &sample {
                Self::insert(&mut changing, ticket).await?;
            }
        }
        changing.commit().await
    }
}
