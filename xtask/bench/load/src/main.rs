//! The load: one lean client that drives a server, checks what comes back, and reads what it cost the server.
//!
//! Every verb prints one JSON object.
#![forbid(unsafe_code)]

mod allocations;
mod check;
mod client;
mod connection;
mod http;
mod process;
mod reply;
mod sessions;
mod stdio;
mod wire;

use anyhow::Result;
use clap::{Parser, Subcommand};

#[derive(Parser)]
struct Cli {
    /// The core to run on.
    #[arg(long)]
    core: Option<usize>,
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Subcommand)]
enum Verb {
    /// Calls a tool over HTTP, each connection one call after the other.
    Http(http::Options),
    /// Opens idle sessions and weighs them.
    Sessions(sessions::Options),
    /// Calls a tool over stdio.
    Stdio(stdio::Options),
    /// Times the first answer of a server that is started for it.
    First(stdio::FirstOptions),
    /// Counts the allocations of a call over HTTP.
    Allocations(allocations::Options),
}

fn main() -> Result<()> {
    let cli = Cli::parse();
    if let Some(core) = cli.core {
        process::pin(core)?;
    }
    let measured = match cli.verb {
        Verb::Http(options) => serde_json::to_string(&http::run(&options)?),
        Verb::Sessions(options) => serde_json::to_string(&sessions::run(&options)?),
        Verb::Stdio(options) => serde_json::to_string(&stdio::run(&options)?),
        Verb::First(options) => serde_json::to_string(&stdio::first(&options)?),
        Verb::Allocations(options) => serde_json::to_string(&allocations::run(&options)?),
    };
    println!("{}", measured?);
    Ok(())
}
