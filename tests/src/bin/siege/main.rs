//! Siege: one attack after another on a real server on this machine, while an honest client and a probe measure.
//!
//! The attackers come from addresses of their own (127.0.0.2 and on), are bounded in number and time, and reach nothing
//! but 127.0.0.1. The run fails if an honest client was hurt, memory went past the configured budgets, a probe of life
//! waited, or the server did not recover.
#![allow(clippy::print_stdout, clippy::print_stderr, reason = "it reports to a person at a terminal")]

mod attack;
mod attacks;
mod honest;
mod memory;
mod options;
mod report;
mod stats;
mod target;

use std::process::ExitCode;

use clap::Parser as _;

use crate::attack::Outcome;
use crate::options::Options;

fn main() -> ExitCode {
    let options = Options::parse();
    let chosen = attacks::all().into_iter().filter(|attack| options.chooses(attack.name));
    let outcomes: Vec<Outcome> = chosen
        .map(|attack| {
            let outcome = attack.run(&options);
            println!("{}", report::line(&outcome));
            outcome
        })
        .collect();
    let report = report::markdown(&options, &outcomes);
    if let Some(path) = &options.report
        && let Err(error) = std::fs::write(path, &report)
    {
        eprintln!("the report cannot be written to {}: {error}", path.display());
        return ExitCode::FAILURE;
    }
    let passed = outcomes.iter().filter(|outcome| outcome.holds()).count();
    println!("{passed} passed, {} failed", outcomes.len() - passed);
    if passed == outcomes.len() && passed > 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
