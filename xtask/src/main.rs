//! Every chore of this repository as a command: `cargo xtask help` lists them.
#![forbid(unsafe_code)]
#![allow(clippy::print_stdout, clippy::print_stderr, reason = "a chore talks to a person at a terminal")]

mod bench;
mod cargo;
mod chaos;
mod conformance;
mod dashboards;
mod deploy;
mod interop;
mod licences;
mod model;
mod page;
mod process;
mod replicated;
mod served;
mod siege;
mod step;
mod test;
mod tidy;
mod tools;
mod verdict;
mod workspace;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// The chores of this repository.
#[derive(Debug, Parser)]
#[command(name = "cargo xtask", version, about)]
struct Cli {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, Subcommand)]
enum Verb {
    /// Everything that must hold before a change lands, in order, with one closing line.
    Test(test::Options),
    /// The official conformance suite against the `everything` example.
    Conformance(conformance::Options),
    /// Real clients of other projects against the `everything` example.
    Interop(interop::Options),
    /// The operator page in a real browser, against the `database` example; or a picture of it.
    Page(page::Options),
    /// Replicas and their store break under clients of every kind, and nothing may be lost.
    Chaos(chaos::Options),
    /// Random operations of several replicas against a simple model, under a paused clock: many seeds, or one again.
    Model(model::Options),
    /// One attack after another on a real server of this machine, while an honest client measures.
    Siege(siege::Options),
    /// The shape of the sources: sizes, direction of modules, words, features one by one.
    Tidy(tidy::Options),
    /// The dashboard of Grafana and the rules of Prometheus, from the table of instruments.
    Dashboards(dashboards::Options),
    /// The files with which the `tickets` example is deployed: rendered, held against schemas and linted, not run.
    Deploy,
    /// The licence of every dependency against `.cargo/deny.toml`.
    Licences,
    /// Our server beside its peers; the arguments go on to the bench.
    #[command(disable_help_flag = true)]
    Bench {
        /// What the bench understands; `--help` lists it.
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        args: Vec<String>,
    },
}

fn main() -> ExitCode {
    if run(Cli::parse().verb) { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// Runs one verb; returns whether it was green.
fn run(verb: Verb) -> bool {
    match verb {
        Verb::Test(options) => test::run(&options),
        Verb::Conformance(options) => step::alone("conformance", || conformance::run(&options)),
        Verb::Interop(options) => step::alone("interop", || interop::run(&options)),
        Verb::Page(options) => step::alone("operator page", || page::run(&options)),
        Verb::Chaos(options) => step::alone("chaos", || chaos::run(&options)),
        Verb::Model(options) => step::alone("model", || model::run(&options)),
        Verb::Siege(options) => step::alone("siege", || siege::run(&options)),
        Verb::Tidy(options) => step::alone("tidy", || tidy::run(&options)),
        Verb::Dashboards(options) => step::alone("dashboards", || dashboards::run(&options)),
        Verb::Deploy => step::alone("deploy", deploy::run),
        Verb::Licences => step::alone("licences", licences::run),
        Verb::Bench { args } => bench::run(&args).map_or_else(
            |error| {
                eprintln!("error: {error:#}");
                false
            },
            |()| true,
        ),
    }
}
