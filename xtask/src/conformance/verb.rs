//! The verb: every run of the plan on every store, each against a server of its own.

use std::path::PathBuf;
use std::thread;

use anyhow::{Result, anyhow};
use clap::Args;

use super::plan::Run;
use super::store::{Programs, Store};
use super::verdict::{self, Verdict};
use super::{report, suite};
use crate::step::{Outcome, Tally};
use crate::tools::{Packages, need};
use crate::{replicated, served, workspace};

/// What the verb takes.
#[derive(Debug, Default, Args)]
pub(crate) struct Options {
    /// Only these runs.
    #[arg(long = "suite", value_name = "RUN")]
    suites: Vec<Run>,
    /// Only these stores.
    #[arg(long = "store", value_name = "STORE")]
    stores: Vec<Store>,
    /// Another server binary than the example, with the same fixtures and flags.
    #[arg(long, value_name = "PATH")]
    server: Option<PathBuf>,
    /// A server that runs already, instead of the example; its store is its own affair.
    #[arg(long, value_name = "URL")]
    url: Option<String>,
}

impl Options {
    /// Every run, on one store.
    pub(crate) fn on(store: Store) -> Self {
        Self { stores: vec![store], ..Self::default() }
    }
}

/// Runs the plan; the stores side by side, since each has servers of its own.
pub(crate) fn run(options: &Options) -> Result<Outcome> {
    let packages = need!(Packages::install()?);
    let runs = if options.suites.is_empty() { Run::ALL.to_vec() } else { options.suites.clone() };
    let listed = listed(&packages, &runs)?;
    let mut verdicts = Vec::new();
    if options.suites.is_empty() {
        let selected: Vec<String> = listed.iter().flat_map(|(_, scenarios)| scenarios.clone()).collect();
        let verdict = verdict::unaccounted(&suite::list(&packages, &[])?, &selected);
        report::print("scenarios in no run", &verdict);
        verdicts.push(verdict);
    }
    if let Some(url) = &options.url {
        for (run, expected) in &listed {
            verdicts.push(one(&packages, *run, expected, &format!("elsewhere/{}", run.name()), url)?);
        }
    } else {
        let stores = if options.stores.is_empty() { &Store::ALL[..] } else { &options.stores };
        let server = options.server.clone().map_or_else(served::build, Ok)?;
        let shared = stores.iter().any(|store| store.is_shared());
        let starter = if shared { Some(replicated::build()?) } else { None };
        verdicts.extend(on_stores(&packages, &Programs { server, starter }, &listed, stores)?);
    }
    report::print_skipped(&verdicts);
    let mut total = Tally::default();
    for verdict in &verdicts {
        total += verdict.tally;
    }
    Ok(total.into())
}

/// The scenarios that the suite names for each run.
fn listed(packages: &Packages, runs: &[Run]) -> Result<Vec<(Run, Vec<String>)>> {
    runs.iter().map(|run| Ok((*run, suite::list(packages, &run.listing())?))).collect()
}

fn on_stores(
    packages: &Packages,
    programs: &Programs,
    listed: &[(Run, Vec<String>)],
    stores: &[Store],
) -> Result<Vec<Verdict>> {
    thread::scope(|scope| {
        let threads: Vec<_> = stores
            .iter()
            .map(|store| {
                scope.spawn(move || -> Result<Vec<Verdict>> {
                    listed.iter().map(|(run, expected)| fresh(packages, programs, *store, *run, expected)).collect()
                })
            })
            .collect();
        let mut verdicts = Vec::new();
        for thread in threads {
            verdicts.extend(thread.join().map_err(|_| anyhow!("a run broke"))??);
        }
        Ok(verdicts)
    })
}

/// One run against a fresh server: scenarios change the state of the server they run against.
fn fresh(packages: &Packages, programs: &Programs, store: Store, run: Run, expected: &[String]) -> Result<Verdict> {
    let name = format!("{store}/{}", run.name());
    let folder = workspace::scratch(&format!("conformance/{name}.state"))?;
    let mut server = store.start(programs, &folder)?;
    let verdict = one(packages, run, expected, &name, &server.url())?;
    server.still_up()?;
    Ok(verdict)
}

fn one(packages: &Packages, run: Run, expected: &[String], name: &str, url: &str) -> Result<Verdict> {
    let folder = workspace::scratch(&format!("conformance/{name}"))?;
    let (checks, said) = suite::run(packages, &run.arguments(), url, &folder)?;
    std::fs::write(folder.join("suite.log"), said)?;
    let verdict = verdict::judge(expected, &checks);
    report::print(name, &verdict);
    Ok(verdict)
}
