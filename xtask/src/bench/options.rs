//! What the bench is asked to do.

use std::path::PathBuf;

use clap::Parser;

/// Builds and measures echo and search on our server, bare axum, and with `--peers` the official SDK.
#[derive(Debug, Parser)]
#[command(name = "cargo xtask bench")]
pub(super) struct Options {
    /// Measures the official Rust SDK too.
    #[arg(long)]
    pub(super) peers: bool,
    /// Few and short rounds: shows the order of things, not their size.
    #[arg(long)]
    pub(super) quick: bool,
    /// How many rounds; every server has its turn in each.
    #[arg(long)]
    pub(super) rounds: Option<usize>,
    /// Also writes everything measured to a file.
    #[arg(long, value_name = "FILE")]
    pub(super) json: Option<PathBuf>,
}

impl Options {
    /// How many rounds are measured.
    pub(super) fn rounds(&self) -> usize {
        self.rounds.unwrap_or(if self.quick { 3 } else { 9 }).max(1)
    }

    /// How long one turn is measured, in milliseconds.
    pub(super) fn milliseconds(&self) -> u64 {
        if self.quick { 500 } else { 2000 }
    }
}
