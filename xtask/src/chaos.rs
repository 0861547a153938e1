//! `chaos`: replicas and their store break under clients of every kind, and nothing may be lost.

use std::path::PathBuf;
use std::time::Duration;

use anyhow::Result;
use clap::{Args, ValueEnum};

use crate::step::{Outcome, Tally};
use crate::{process, tools, workspace};

/// What a run may take beyond the time in which things break: the calm after it, and all the starts and ends.
const BEYOND: Duration = Duration::from_mins(4);

/// A store that replicas share.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Store {
    /// PostgreSQL.
    Postgres,
    /// Redis.
    Redis,
}

/// What the verb takes.
#[derive(Debug, Args)]
pub(crate) struct Options {
    /// The store that the replicas share.
    #[arg(long)]
    store: Store,
    /// For how long things break.
    #[arg(long, default_value_t = 20)]
    seconds: u64,
    /// Where every choice comes from: the same seed, the same plan.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Where the report goes as JSON, too.
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,
}

impl Store {
    /// Every store that replicas share.
    pub(crate) const ALL: [Self; 2] = [Self::Postgres, Self::Redis];

    /// Its name for a person and on the command line.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Postgres => "postgres",
            Self::Redis => "redis",
        }
    }
}

impl Options {
    /// A short run on one store.
    pub(crate) fn on(store: Store) -> Self {
        Self { store, seconds: 20, seed: 1, json: None }
    }
}

/// Builds the run and the server that it breaks, and runs it.
pub(crate) fn run(options: &Options) -> Result<Outcome> {
    let programs = workspace::build(&["chaos", "workshop-under-test"])?;
    let name = options.store.name();
    let folder = workspace::scratch(&format!("chaos/{name}"))?;
    let mut command = std::process::Command::new(programs.join("chaos"));
    command.args(["--store", name, "--seconds", &options.seconds.to_string(), "--seed", &options.seed.to_string()]);
    command.arg("--json").arg(options.json.clone().unwrap_or_else(|| folder.join("report.json")));
    command.arg("--logs").arg(folder.join("replicas.log")).env("PATH", tools::path()?);
    let output = process::show(&mut command, Duration::from_secs(options.seconds) + BEYOND)?;
    Ok(Tally::one(output.success).into())
}
