//! Chaos: clients of every kind at three replicas of two versions behind a balancer, while replicas are killed and paused
//! for longer than their lease, the store restarts, and a replica with other sealing keys would join.
//!
//! What the clients choose and what is broken when come from a seed. What must hold is counted while it runs, and the
//! run fails if anything was broken, or if some part of the mix was never exercised.
#![allow(clippy::print_stdout, clippy::print_stderr, reason = "it reports to a person at a terminal")]

mod book;
mod choice;
mod clients;
mod faults;
mod findings;
mod legacy;
mod mix;
mod modern;
mod odd;
mod options;
mod plan;
mod report;
mod verdict;
mod wire;

use std::process::ExitCode;
use std::sync::Arc;
use std::time::{Duration, Instant};

use clap::Parser as _;
use mcp_server_tests::{Folder, Replicas};

use crate::book::Book;
use crate::clients::Ground;
use crate::findings::Findings;
use crate::options::Options;
use crate::plan::Plan;
use crate::wire::Balancer;

/// What a client may still take after the last fault: longer than a dead replica's lease and any of its own limits.
const CALM: Duration = Duration::from_mins(1);

#[tokio::main]
async fn main() -> ExitCode {
    let options = Options::parse();
    let Some(store) = options.store.start() else { return ExitCode::FAILURE };
    let url = format!("store.url={}", store.url());
    let settings = [
        url.as_str(),
        "http.keep_alive=1s",
        "http.stream_after=200ms",
        "store.timeout=1s",
        "store.lease=4s",
        "log.level=warn,mcp_server=info",
    ];
    // In the midst of a deployment: the first is of the old version and knows less.
    let versions = ["1", "2", "2"].map(|version| ("WORKSHOP_VERSION", version.to_owned()));
    let Some(replicas) = Replicas::start_versions(&options.server(), &versions, &settings) else {
        return ExitCode::FAILURE;
    };
    let odd = odd::Odd { program: options.server(), settings: settings.map(str::to_owned).to_vec() };
    let plan = Plan::new(options.seed, options.seconds, replicas.count(), store.can_restart());
    let findings = Arc::new(Findings::default());
    let folder = Folder::new("book");
    let ground = Ground {
        balancer: Balancer::new(replicas.address()),
        address: replicas.address(),
        findings: Arc::clone(&findings),
        book: Book::new(folder.path()),
        end: Instant::now() + Duration::from_secs(options.seconds),
        seed: options.seed,
    };
    let began = Instant::now();
    let (clients, waits) = std::sync::mpsc::channel();
    let breaking = std::thread::spawn({
        let (plan, findings) = (plan.clone(), Arc::clone(&findings));
        move || faults::carry_out(&plan, began, replicas, store, &odd, &findings, &waits)
    });
    mix::run(&ground, options.clients, CALM).await;
    drop(clients);
    let logs = breaking.join().unwrap_or_default();
    book::judge(&ground.book, &findings);
    let report = report::Report::new(&options, &plan, &findings);
    print!("{report}");
    if let Some(path) = &options.json
        && let Err(error) = std::fs::write(path, report.json())
    {
        eprintln!("the report cannot be written to {}: {error}", path.display());
        return ExitCode::FAILURE;
    }
    if let Some(path) = &options.logs
        && let Err(error) = std::fs::write(path, logs.join("\n"))
    {
        eprintln!("the logs cannot be written to {}: {error}", path.display());
    }
    if report.holds() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
