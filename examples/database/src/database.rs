//! The database behind the server: asked in the same words, whichever engine it is.

use std::time::Duration;

use mcp_server_core::tool::{ErrorKind, ToolResult};

use crate::address;
use crate::catalogue::{Catalogue, Details, RowCount, Table};
use crate::fault::{Fault, Missing};
use crate::nearest::{either, nearest};
use crate::opening::{Opening, Place};
use crate::page::{Page, Window};
use crate::phrasebook;
use crate::settings::Settings;
use crate::sql_text::{Dialect, Statement};
use crate::worker::{Counts, Workers};

/// A database that is only read.
#[derive(Clone, Debug)]
pub struct Database {
    dialect: Dialect,
    workers: Workers,
    warnings: Vec<String>,
}

impl Database {
    /// Opens `FILE`, `sqlite:FILE` or `postgres://…`.
    ///
    /// # Errors
    /// `misconfigured` for an address of another kind, a file that is no database, or a role that may do more than
    /// read; `upstream_unavailable` if nobody answers.
    pub async fn open(address: &str, settings: &Settings) -> ToolResult<Self> {
        let place = address::read(address)?;
        let dialect = match &place {
            Place::Sqlite(_) => Dialect::Sqlite,
            Place::Postgres(_) => Dialect::Postgres,
        };
        let opening = Opening {
            place,
            limit: u64::try_from(settings.time.as_millis()).unwrap_or(u64::MAX),
            temporary: settings.temporary,
            functions: settings.functions.clone(),
        };
        let (workers, opened) = Workers::open(opening, settings).await?;
        let mut warnings = opened.warnings;
        if !opened.powers.is_empty() {
            let powers = opened.powers.join("; ");
            if !settings.privileged {
                return Err(Fault::new(
                    ErrorKind::Misconfigured,
                    format!(
                        "{powers}: it can do much more than read tables. Give this server a role of its own that is \
                         granted SELECT on the tables it needs, or start it with --allow-privileged-role"
                    ),
                )
                .into());
            }
            warnings.insert(0, format!("{powers}: a role that can only read is safer"));
        }
        Ok(Self { dialect, workers, warnings })
    }

    /// What an operator should know about the database and its role.
    pub fn warnings(&self) -> &[String] {
        &self.warnings
    }

    /// Whose SQL it takes.
    pub fn dialect(&self) -> Dialect {
        self.dialect
    }

    /// The engine's name.
    pub fn engine(&self) -> &'static str {
        match self.dialect {
            Dialect::Sqlite => "SQLite",
            Dialect::Postgres => "PostgreSQL",
        }
    }

    /// Every table that can be read.
    ///
    /// # Errors
    /// If the database cannot be reached.
    pub async fn catalogue(&self) -> ToolResult<Catalogue> {
        Ok(self.workers.catalogue().await?)
    }

    /// How many rows tables have, as far as that is cheap to know.
    ///
    /// # Errors
    /// If a table cannot be read.
    pub async fn count(&self, tables: &[&Table]) -> ToolResult<Vec<Option<RowCount>>> {
        if self.dialect == Dialect::Postgres {
            return Ok(tables.iter().map(|table| table.rows).collect());
        }
        // A worker needs no more than the name and the kind.
        let bare = |table: &&Table| Table { columns: Vec::new(), comment: None, ..(*table).clone() };
        Ok(self.workers.count(tables.iter().map(bare).collect()).await?)
    }

    /// What only a full description tells.
    ///
    /// # Errors
    /// If the database cannot be reached.
    pub async fn details(&self, table: &Table) -> ToolResult<Details> {
        Ok(self.workers.details(table.clone()).await?)
    }

    /// Runs a query of a caller; an error about a name comes with the nearest names that there are, one about the
    /// grammar with this engine's own way to say it.
    ///
    /// Dropped, it stops the query in the database too.
    ///
    /// # Errors
    /// `invalid_argument` for what the engine cannot read, `permission_denied` for what it must not do, `timeout`,
    /// `result_too_large`, `overloaded`, `upstream_unavailable`, `worker_lost`.
    pub async fn run(&self, caller: &str, statement: &Statement, sql: &str, window: Window) -> ToolResult<Page> {
        match self.workers.run(caller, sql, window, None).await {
            Ok(page) => Ok(page),
            Err(fault) => Err(self.advised(fault, statement).await.into()),
        }
    }

    /// Runs a query of the server's own, in little time; `None` if that does not suffice.
    pub async fn probe(&self, caller: &str, sql: &str, limit: Duration) -> Option<Page> {
        let window = Window { skip: 0, rows: 500, characters: 64 * 1024 };
        self.workers.run(caller, sql, window, Some(limit)).await.ok()
    }

    /// How the workers are.
    pub fn workers(&self) -> Counts {
        self.workers.counts()
    }

    async fn advised(&self, fault: Fault, statement: &Statement) -> Fault {
        if fault.kind != ErrorKind::InvalidArgument || !fault.of_sql {
            return fault;
        }
        let mut advice = Vec::new();
        match fault.missing.as_deref() {
            Some(Missing::Table(name)) => {
                advice.extend(self.catalogue().await.ok().map(|catalogue| catalogue.advice_for_table(name)));
            }
            Some(Missing::Column(name)) => {
                advice.extend(phrasebook::quoted_text(statement, name));
                advice
                    .extend(self.catalogue().await.ok().map(|catalogue| catalogue.advice_for_column(name, statement)));
            }
            Some(Missing::Label { value, labels }) => advice.push(labels_in_words(value, labels)),
            _ => {}
        }
        let phrases = phrasebook::advice(statement);
        if let (Some(Missing::Function(name)), None) = (fault.missing.as_deref(), &phrases) {
            advice.push(match self.dialect {
                Dialect::Sqlite => format!(
                    "SQLite has no function `{name}`; SELECT DISTINCT name FROM pragma_function_list lists those it has."
                ),
                Dialect::Postgres => format!(
                    "Check the name and the types of the arguments; SELECT DISTINCT proname FROM pg_proc WHERE proname \
                     LIKE '%{}%' lists similar ones.",
                    name.replace('\'', "''")
                ),
            });
        }
        advice.extend(phrases);
        advice.extend(fault.advice.clone());
        if advice.is_empty() {
            advice.push(format!("Correct the query at the place named; it is read as the SQL of {}.", self.engine()));
        }
        Fault { advice: Some(advice.join(" ")), ..fault }
    }
}

fn labels_in_words(value: &str, labels: &[String]) -> String {
    let shown: Vec<&str> = labels.iter().map(String::as_str).take(50).collect();
    let near = nearest(value, labels.iter().map(String::as_str));
    let near = if near.is_empty() { String::new() } else { format!(" Did you mean {}?", either(&near)) };
    format!("The values of this type are {}.{near}", either(&shown))
}
