//! `model`: random operations of several replicas against a simple model, seed by seed.

use std::io::{BufRead as _, BufReader};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use anyhow::{Context, Result, bail};
use clap::{Args, ValueEnum};

use crate::step::{Outcome, Tally};
use crate::{process, tools, workspace};

/// What a run may take.
const LONGEST: Duration = Duration::from_hours(1);
/// How many seeds of each domain `cargo xtask test` runs.
const SAMPLE: u64 = 300;

/// Where the replicas keep their state.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Store {
    /// In memory, under a paused clock.
    Memory,
    /// In a PostgreSQL server that is started for it, in real time.
    Postgres,
    /// In a Redis server that is started for it, in real time.
    Redis,
}

/// What the verb takes.
#[derive(Debug, Args)]
pub(crate) struct Options {
    /// How many seeds of each domain.
    #[arg(long, default_value_t = 1000)]
    seeds: u64,
    /// The first seed; alone it is the only one.
    #[arg(long)]
    seed: Option<u64>,
    /// The store.
    #[arg(long, default_value = "memory")]
    store: Store,
    /// Only domains whose name contains this word, such as `sessions`.
    #[arg(long)]
    domain: Option<String>,
}

impl Options {
    /// A bounded sample.
    pub(crate) fn sample() -> Self {
        Self { seeds: SAMPLE, seed: None, store: Store::Memory, domain: None }
    }
}

/// Builds the model tests and runs them.
pub(crate) fn run(options: &Options) -> Result<Outcome> {
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    let server = Server::start(options.store)?;
    let mut command = workspace::cargo(["test", "--locked", "--workspace", "--lib", "--"]);
    command.arg(format!("model_tests::{}", options.domain.as_deref().unwrap_or_default()));
    // One domain at a time, each on all cores; what a seed did is printed.
    command.args(["--test-threads", "1", "--nocapture"]);
    let seeds = if options.seed.is_some() { 1 } else { options.seeds };
    command.env("MODEL_SEEDS", seeds.to_string()).env("MODEL_SEED", options.seed.unwrap_or(1).to_string());
    // A store in real time waits most of the time, so many seeds run at once.
    let at_once = if server.is_some() { threads * 8 } else { threads };
    command.env("MODEL_THREADS", at_once.to_string());
    if let Some(server) = &server {
        command.env("MODEL_STORE_URL", &server.url);
    }
    let output = process::show(&mut command, LONGEST)?;
    Ok(Tally::one(output.success).into())
}

/// The server of a store, which ends with its input.
struct Server {
    child: Child,
    url: String,
}

impl Server {
    fn start(store: Store) -> Result<Option<Self>> {
        let name = match store {
            Store::Memory => return Ok(None),
            Store::Postgres => "postgres",
            Store::Redis => "redis",
        };
        let program = workspace::build(&["store"])?.join("store");
        let mut command = Command::new(&program);
        command.arg(name).env("PATH", tools::path()?).stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut child = command.spawn().with_context(|| format!("cannot start {}", program.display()))?;
        let output = child.stdout.take().context("the pipe of the output is gone")?;
        let mut url = String::new();
        BufReader::new(output).read_line(&mut url)?;
        let server = Self { child, url: url.trim().to_owned() };
        if server.url.is_empty() {
            bail!("the {name} server does not start");
        }
        Ok(Some(server))
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        drop(self.child.stdin.take());
        drop(self.child.wait());
    }
}
