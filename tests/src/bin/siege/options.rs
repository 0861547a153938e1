//! What a run takes.

use std::path::PathBuf;
use std::time::Duration;

use clap::Parser;

/// Attacks a real server on this machine, and measures what an honest client notices.
#[derive(Debug, Parser)]
pub(crate) struct Options {
    /// How long each attack takes.
    #[arg(long, default_value_t = 10)]
    seconds: u64,
    /// How many times weaker the attacks are than they could be, for a machine that does other work too.
    #[arg(long, default_value_t = 1)]
    pub(crate) weaker: usize,
    /// The time that an honest answer may take in any case, in milliseconds: below it a machine's noise decides.
    #[arg(long, default_value_t = 25)]
    floor_ms: u64,
    /// The time that a probe of life may take, in milliseconds.
    #[arg(long, default_value_t = 100)]
    probe_ms: u64,
    /// Only the attacks whose name contains one of these words.
    #[arg(long, value_name = "WORD")]
    only: Vec<String>,
    /// Where the report goes, as Markdown.
    #[arg(long, value_name = "FILE")]
    pub(crate) report: Option<PathBuf>,
}

impl Options {
    pub(crate) fn chooses(&self, name: &str) -> bool {
        self.only.is_empty() || self.only.iter().any(|word| name.contains(word.as_str()))
    }

    pub(crate) fn time(&self) -> Duration {
        Duration::from_secs(self.seconds)
    }

    pub(crate) fn floor(&self) -> Duration {
        Duration::from_millis(self.floor_ms)
    }

    pub(crate) fn probe(&self) -> Duration {
        Duration::from_millis(self.probe_ms)
    }
}
