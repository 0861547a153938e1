//! All workers of a database: those for queries, shared by the callers, and one for the catalogue.

use std::sync::Arc;
use std::time::Duration;

use mcp_server_core::tool::ErrorKind;

use super::lane::{Counts, Lane};
use super::protocol::{Request, Response};
use super::shares::Shares;
use crate::catalogue::{Catalogue, Details, RowCount, Table};
use crate::fault::Fault;
use crate::opening::{Opened, Opening};
use crate::page::{Page, Window};
use crate::settings::Settings;

/// The caller of the catalogue's own lane: there is one.
const ANYBODY: &str = "";

/// How long a call waits for the catalogue: every request before it is short.
const CATALOGUE_WAIT: Duration = Duration::from_secs(10);

/// The workers.
#[derive(Clone, Debug)]
pub struct Workers {
    queries: Arc<Lane>,
    shares: Arc<Shares>,
    catalogue: Arc<Lane>,
    turn: Arc<Shares>,
    wait: Duration,
    limit: Duration,
}

impl Workers {
    /// Starts the worker of the catalogue, and with it tries whether the database can be opened.
    ///
    /// # Errors
    /// What keeps it from being opened.
    pub async fn open(opening: Opening, settings: &Settings) -> Result<(Self, Opened), Fault> {
        let lane = || Lane::new(settings.program.clone(), opening.clone());
        let workers = Self {
            queries: lane(),
            shares: Arc::new(Shares::new(settings.connections, settings.share())),
            catalogue: lane(),
            turn: Arc::new(Shares::new(1, 1)),
            wait: settings.wait,
            limit: settings.time,
        };
        let opened = workers.catalogue.open().await?;
        Ok((workers, opened))
    }

    /// Every table that can be read.
    ///
    /// # Errors
    /// If the database cannot be reached.
    pub async fn catalogue(&self) -> Result<Catalogue, Fault> {
        match self.ask_catalogue(&Request::Catalogue).await? {
            Response::Catalogue(catalogue) => Ok(catalogue),
            _ => Err(out_of_turn()),
        }
    }

    /// How many rows tables have, as far as that is cheap to know.
    ///
    /// # Errors
    /// If the database cannot be reached.
    pub async fn count(&self, tables: Vec<Table>) -> Result<Vec<Option<RowCount>>, Fault> {
        match self.ask_catalogue(&Request::Count(tables)).await? {
            Response::Counts(counts) => Ok(counts),
            _ => Err(out_of_turn()),
        }
    }

    /// What only a full description tells.
    ///
    /// # Errors
    /// If the database cannot be reached.
    pub async fn details(&self, table: Table) -> Result<Details, Fault> {
        match self.ask_catalogue(&Request::Details(table)).await? {
            Response::Details(details) => Ok(details),
            _ => Err(out_of_turn()),
        }
    }

    async fn ask_catalogue(&self, request: &Request) -> Result<Response, Fault> {
        let _permit = self.turn.acquire(ANYBODY, CATALOGUE_WAIT).await.map_err(|fault| Fault {
            message: "many calls are waiting for the catalogue of the database".to_owned(),
            advice: None,
            ..fault
        })?;
        self.catalogue.ask(request, self.limit).await
    }

    /// Runs a query of a caller; dropped, it kills the process that runs it.
    ///
    /// # Errors
    /// What the engine fails with, `overloaded`, `timeout`, or why the worker died.
    pub async fn run(&self, caller: &str, sql: &str, window: Window, limit: Option<Duration>) -> Result<Page, Fault> {
        let limit = limit.map_or(self.limit, |limit| limit.min(self.limit));
        let _permit = self.shares.acquire(caller, self.wait).await?;
        let milliseconds = u64::try_from(limit.as_millis()).unwrap_or(u64::MAX);
        let request = Request::Run { sql: sql.to_owned(), window, limit: milliseconds };
        match self.queries.ask(&request, limit).await? {
            Response::Page(page) => Ok(page),
            _ => Err(out_of_turn()),
        }
    }

    /// How the workers of queries are.
    pub fn counts(&self) -> Counts {
        self.queries.counts()
    }
}

fn out_of_turn() -> Fault {
    Fault::new(ErrorKind::Internal, "a query worker answered out of turn")
}
