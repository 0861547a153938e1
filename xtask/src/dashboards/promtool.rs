//! `promtool`: Prometheus' own reading of the rules, and of every expression that a panel asks.

use std::path::Path;
use std::process::Command;
use std::time::Duration;

use anyhow::Result;

use super::rules;
use crate::process::{self, Output};
use crate::workspace;

const LIMIT: Duration = Duration::from_mins(10);

/// Whether a file of rules can be loaded, with every template in it.
pub(super) fn check(file: &Path) -> Result<Output> {
    run(&["check", "rules", "--lint=all", "--lint-fatal"], file)
}

/// Whether alerts fire when they should, and are silent when they should be.
pub(super) fn test(file: &Path) -> Result<Output> {
    run(&["test", "rules"], file)
}

/// Whether expressions can be read at all.
pub(super) fn parse(expressions: &[String]) -> Result<Output> {
    let file = workspace::scratch("dashboards")?.join("expressions.yml");
    std::fs::write(&file, rules::probe(expressions))?;
    check(&file)
}

fn run(arguments: &[&str], file: &Path) -> Result<Output> {
    process::quiet(Command::new("promtool").args(arguments).arg(file), LIMIT)
}
