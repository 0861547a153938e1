//! Opening: the pool of connections, and how a transaction begins.

use std::time::Duration;

use mcp_server_core::tool::{ToolError, ToolResult};
use sqlx::any::AnyPoolOptions;
use sqlx::{AnyPool, Executor as _, Transaction};

/// The database of the tickets; a clone is the same one.
#[derive(Clone, Debug)]
pub(crate) struct Db {
    pub(super) pool: AnyPool,
    pub(super) engine: Engine,
    /// Tickets that an import may write in a second.
    pub(super) import_rate: u32,
}

/// Which database it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Engine {
    Sqlite,
    Postgres,
}

impl Engine {
    /// What each connection is told first.
    fn settings(self) -> &'static str {
        match self {
            // Readers do not wait for the writer.
            Self::Sqlite => "PRAGMA journal_mode = WAL",
            // A replica that hangs in the middle of a change lets go of it: another may have taken over.
            Self::Postgres => "SET idle_in_transaction_session_timeout = '5s'",
        }
    }
}

impl Db {
    /// Makes the pool; it connects when it is first asked.
    pub(crate) fn open(url: &str, import_rate: u32) -> ToolResult<Self> {
        sqlx::any::install_default_drivers();
        let (engine, url) = match url.split_once(':') {
            Some(("sqlite", _)) if url.contains('?') => (Engine::Sqlite, url.to_owned()),
            Some(("sqlite", _)) => (Engine::Sqlite, format!("{url}?mode=rwc")),
            Some(("postgres" | "postgresql", _)) => (Engine::Postgres, url.to_owned()),
            // The rest is not repeated: it may hold a password.
            _ => return Err(ToolError::misconfigured("the database is `sqlite:FILE` or `postgres://USER@HOST/NAME`")),
        };
        if let (Engine::Sqlite, Some(path)) = (engine, url.strip_prefix("sqlite:")) {
            make_private(path.split('?').next().unwrap_or(path))?;
        }
        let pool = AnyPoolOptions::new()
            .max_connections(10)
            .acquire_timeout(Duration::from_secs(2))
            .after_connect(move |connection, _| {
                Box::pin(async move {
                    connection.execute(engine.settings()).await?;
                    Ok(())
                })
            })
            .connect_lazy(&url)?;
        Ok(Self { pool, engine, import_rate })
    }

    /// A transaction that will write. SQLite's takes its turn at the start, when waiting is still possible.
    pub(super) async fn begin(&self) -> sqlx::Result<Transaction<'static, sqlx::Any>> {
        match self.engine {
            Engine::Sqlite => self.pool.begin_with("BEGIN IMMEDIATE").await,
            Engine::Postgres => self.pool.begin().await,
        }
    }
}

/// Makes a database file that is not there, readable by its owner alone. SQLite gives its other files the same mode. A
/// file that is there keeps the mode that somebody gave it.
fn make_private(path: &str) -> ToolResult<()> {
    let path = path.strip_prefix("//").unwrap_or(path);
    if path.is_empty() || path.contains(":memory:") {
        return Ok(());
    }
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    match options.open(path) {
        Ok(_) => Ok(()),
        Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => Ok(()),
        Err(error) => Err(ToolError::misconfigured(format!("the file {path} cannot be made: {error}"))),
    }
}
