//! A fresh server of a store, for whoever drives it from outside: the first line of the output is its URL, and all ends with
//! the input.
#![allow(clippy::print_stdout, reason = "it talks to whoever started it")]

use std::io::Read as _;
use std::process::ExitCode;

use clap::Parser;
use mcp_server_tests::services::Kind;

/// Starts a server of a store, and ends it with the end of the input.
#[derive(Debug, Parser)]
struct Options {
    /// Which store.
    store: Kind,
}

fn main() -> ExitCode {
    let Some(store) = Options::parse().store.start() else { return ExitCode::FAILURE };
    println!("{}", store.url());
    let ended = std::io::stdin().read_to_end(&mut Vec::new());
    if ended.is_ok() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
