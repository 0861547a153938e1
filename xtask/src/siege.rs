//! `siege`: one attack after another on a real server on this machine, while an honest client measures.

use std::path::PathBuf;
use std::time::Duration;

use anyhow::Result;
use clap::Args;

use crate::step::{Outcome, Tally};
use crate::{process, workspace};

/// What the sample takes besides its attacks: starts, quiet times and recoveries.
const BEYOND: Duration = Duration::from_mins(5);

/// What the verb takes.
#[derive(Debug, Args)]
pub(crate) struct Options {
    /// How long each attack takes.
    #[arg(long, default_value_t = 10)]
    seconds: u64,
    /// How many times weaker the attacks are than they could be.
    #[arg(long, default_value_t = 1)]
    weaker: u64,
    /// The time that an honest answer may take in any case, in milliseconds.
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
    report: Option<PathBuf>,
}

impl Options {
    /// A short run of weaker attacks, with a tolerance for a machine that does other work too.
    pub(crate) fn sample() -> Self {
        Self { seconds: 3, weaker: 8, floor_ms: 250, probe_ms: 500, only: Vec::new(), report: None }
    }
}

/// Builds the attackers and the server, and lets the ones at the other.
pub(crate) fn run(options: &Options) -> Result<Outcome> {
    let programs = workspace::build(&["siege", "everything-under-test"])?;
    let folder = workspace::scratch("siege")?;
    let mut command = std::process::Command::new(programs.join("siege"));
    for (flag, value) in [
        ("--seconds", options.seconds),
        ("--weaker", options.weaker),
        ("--floor-ms", options.floor_ms),
        ("--probe-ms", options.probe_ms),
    ] {
        command.arg(flag).arg(value.to_string());
    }
    for word in &options.only {
        command.arg("--only").arg(word);
    }
    command.arg("--report").arg(options.report.clone().unwrap_or_else(|| folder.join("report.md")));
    let output = process::show(&mut command, Duration::from_secs(options.seconds * 40) + BEYOND)?;
    let tally = tally(&output.text).unwrap_or_default();
    Ok(tally.with_status(output.success).into())
}

/// Reads the closing line, `15 passed, 0 failed`.
fn tally(text: &str) -> Option<Tally> {
    text.lines().rev().find_map(|line| {
        let (passed, rest) = line.split_once(" passed, ")?;
        let failed = rest.strip_suffix(" failed")?;
        Some(Tally { passed: passed.parse().ok()?, failed: failed.parse().ok()?, skipped: 0 })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_closing_line_is_counted() {
        let counted = Some(Tally { passed: 14, failed: 1, skipped: 0 });
        assert_eq!(tally("FAILED slow-heads\n14 passed, 1 failed\n"), counted);
        assert_eq!(tally("it did not begin\n"), None);
    }
}
