//! The worker's side: reads requests from its standard input, answers on its standard output, ends with either.

use std::io;
use std::process::ExitCode;
use std::sync::mpsc;
use std::time::Duration;

use mcp_server_core::tool::ErrorKind;

use super::protocol::{self, Request, Response};
use crate::bounds;
use crate::catalogue::{Catalogue, Details, RowCount, Table};
use crate::fault::{Fault, WorkerState};
use crate::opening::{Opened, Place};
use crate::page::{Page, Window};
use crate::postgres::Postgres;
use crate::sql_text::{Dialect, Statement};
use crate::sqlite::Sqlite;

/// The argument by which the server's own binary becomes a worker.
pub const ARGUMENT: &str = "query-worker";

/// The database, open.
enum Engine {
    Sqlite(Box<Sqlite>),
    Postgres(Box<Postgres>),
}

/// Serves until nobody asks any more.
pub fn serve() -> ExitCode {
    let (sender, requests) = mpsc::channel();
    // A thread of its own, so that the end of the server is noticed in the middle of a query.
    std::thread::spawn(move || {
        let mut input = io::stdin().lock();
        while let Ok(Some(request)) = protocol::read::<Request>(&mut input) {
            if sender.send(request).is_err() {
                break;
            }
        }
        end();
    });
    let mut engine = None;
    while let Ok(request) = requests.recv() {
        let response = answer(&mut engine, request).unwrap_or_else(Response::Failed);
        let last = matches!(&response, Response::Failed(fault) if fault.worker != WorkerState::Usable);
        if protocol::write(&mut io::stdout().lock(), &response).is_err() || last {
            break;
        }
    }
    ExitCode::SUCCESS
}

#[expect(clippy::exit, reason = "the other thread may be within a query that does not end")]
fn end() {
    std::process::exit(0);
}

fn answer(engine: &mut Option<Engine>, request: Request) -> Result<Response, Fault> {
    match (engine, request) {
        (engine @ None, Request::Open(opening)) => {
            bounds::apply(opening.temporary).map_err(|error| {
                Fault::new(ErrorKind::Misconfigured, "the bounds of a query worker cannot be set").cause(error)
            })?;
            let limit = Duration::from_millis(opening.limit);
            let (opened, found) = match opening.place {
                Place::Sqlite(path) => (Engine::Sqlite(Box::new(Sqlite::open(&path, limit)?)), Opened::default()),
                Place::Postgres(url) => {
                    let (postgres, found) = Postgres::open(&url, limit, opening.functions)?;
                    (Engine::Postgres(Box::new(postgres)), found)
                }
            };
            *engine = Some(opened);
            Ok(Response::Opened(found))
        }
        (Some(engine), Request::Catalogue) => engine.catalogue().map(Response::Catalogue),
        (Some(engine), Request::Count(tables)) => Ok(Response::Counts(engine.count(&tables))),
        (Some(engine), Request::Details(table)) => engine.details(&table).map(Response::Details),
        (Some(engine), Request::Run { sql, window, limit }) => {
            engine.run(&sql, window, Duration::from_millis(limit)).map(Response::Page)
        }
        (_, _) => Err(Fault::new(ErrorKind::Internal, "the worker was asked out of turn").retired()),
    }
}

impl Engine {
    fn catalogue(&mut self) -> Result<Catalogue, Fault> {
        match self {
            Self::Sqlite(sqlite) => sqlite.catalogue(),
            Self::Postgres(postgres) => postgres.catalogue(),
        }
    }

    fn count(&self, tables: &[Table]) -> Vec<Option<RowCount>> {
        match self {
            Self::Sqlite(sqlite) => sqlite.count(tables),
            Self::Postgres(_) => tables.iter().map(|table| table.rows).collect(),
        }
    }

    fn details(&mut self, table: &Table) -> Result<Details, Fault> {
        match self {
            Self::Sqlite(sqlite) => sqlite.details(table),
            Self::Postgres(postgres) => postgres.details(table),
        }
    }

    fn run(&mut self, sql: &str, window: Window, limit: Duration) -> Result<Page, Fault> {
        match self {
            Self::Sqlite(sqlite) => sqlite.run(&Statement::read(sql, Dialect::Sqlite)?, sql, window, limit),
            Self::Postgres(postgres) => postgres.run(&Statement::read(sql, Dialect::Postgres)?, sql, window, limit),
        }
    }
}
