//! The database behind the server: one of the engines, asked in the same words.

use std::path::Path;

use mcp_server_core::tool::{ToolError, ToolResult};

use crate::catalogue::{Catalogue, Details, RowCount, Table};
use crate::page::{Page, Window};
use crate::postgres::Postgres;
use crate::settings::Settings;
use crate::sql_text::{Dialect, Statement};
use crate::sqlite::Sqlite;

/// A database that is only read.
#[derive(Clone, Debug)]
pub enum Database {
    /// A SQLite file.
    Sqlite(Sqlite),
    /// A PostgreSQL database.
    Postgres(Postgres),
}

impl Database {
    /// Opens `sqlite:FILE` or `postgres://…`.
    ///
    /// # Errors
    /// `misconfigured` for a URL of another kind, or what the engine fails with.
    pub async fn open(url: &str, settings: &Settings) -> ToolResult<Self> {
        if url.starts_with("postgres://") || url.starts_with("postgresql://") {
            return Ok(Self::Postgres(Postgres::open(url, settings).await?));
        }
        if let Some(path) = url.strip_prefix("sqlite:") {
            let path = path.strip_prefix("//").unwrap_or(path);
            let path = Path::new(path);
            if !path.is_file() {
                return Err(ToolError::misconfigured(format!("there is no file {}", path.display())));
            }
            return Ok(Self::Sqlite(Sqlite::open(path, settings).await?));
        }
        // The text may hold a password, so it is not repeated.
        Err(ToolError::misconfigured("the database must be given as sqlite:FILE or postgres://user@host/name"))
    }

    /// Whose SQL it takes.
    pub fn dialect(&self) -> Dialect {
        match self {
            Self::Sqlite(_) => Dialect::Sqlite,
            Self::Postgres(_) => Dialect::Postgres,
        }
    }

    /// The engine's name.
    pub fn engine(&self) -> &'static str {
        match self {
            Self::Sqlite(_) => "SQLite",
            Self::Postgres(_) => "PostgreSQL",
        }
    }

    /// Every table that can be read.
    ///
    /// # Errors
    /// If the database cannot be reached.
    pub async fn catalogue(&self) -> ToolResult<Catalogue> {
        match self {
            Self::Sqlite(sqlite) => sqlite.catalogue().await,
            Self::Postgres(postgres) => postgres.catalogue().await,
        }
    }

    /// How many rows a table has, as far as that is cheap to know.
    ///
    /// # Errors
    /// If the table cannot be read.
    pub async fn count(&self, table: &Table) -> ToolResult<Option<RowCount>> {
        match self {
            Self::Sqlite(sqlite) => sqlite.count(table).await,
            Self::Postgres(_) => Ok(table.rows),
        }
    }

    /// What only a full description tells.
    ///
    /// # Errors
    /// If the database cannot be reached.
    pub async fn details(&self, table: &Table) -> ToolResult<Details> {
        match self {
            Self::Sqlite(sqlite) => sqlite.details(table).await,
            Self::Postgres(postgres) => postgres.details(table).await,
        }
    }

    /// Runs a query; an error about a name comes with the nearest names that there are.
    ///
    /// Dropped, it stops the query in the database too.
    ///
    /// # Errors
    /// `invalid_argument` for what the engine cannot read, `permission_denied` for what it must not do, `timeout`,
    /// `overloaded`, `upstream_unavailable`.
    pub async fn run(&self, statement: &Statement, sql: &str, window: Window) -> ToolResult<Page> {
        let ended = match self {
            Self::Sqlite(sqlite) => sqlite.run(statement, sql, window).await,
            Self::Postgres(postgres) => postgres.run(statement, sql, window).await,
        };
        match ended {
            Ok(page) => Ok(page),
            Err(fault) if fault.names_something() => match self.catalogue().await {
                Ok(catalogue) => Err(fault.advised(&catalogue, statement)),
                Err(_) => Err(fault.error),
            },
            Err(fault) => Err(fault.error),
        }
    }
}
