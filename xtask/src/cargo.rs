//! The steps that are one cargo command each, and how many tests such a command ran.

use std::process::Command;
use std::time::Duration;

use anyhow::Result;

use crate::step::{Outcome, Tally};
use crate::workspace::cargo;
use crate::{process, tools};

/// A cold build of the whole workspace on two slow cores, twice over.
const LIMIT: Duration = Duration::from_mins(40);

/// `cargo fmt --check`.
pub(crate) fn format() -> Result<Outcome> {
    // The names of the files are enough: the remedy is one command.
    let outcome = one(&mut cargo(["fmt", "--all", "--check", "--", "-l"]))?;
    if !matches!(outcome, Outcome::Ran(Tally { failed: 0, .. })) {
        println!("these files are not formatted; `cargo fmt --all` formats them");
    }
    Ok(outcome)
}

/// Clippy over all targets, warnings denied.
pub(crate) fn clippy() -> Result<Outcome> {
    one(&mut cargo(["clippy", "--workspace", "--all-targets", "--locked", "--", "-D", "warnings"]))
}

/// The documentation, warnings denied.
pub(crate) fn docs() -> Result<Outcome> {
    one(cargo(["doc", "--workspace", "--no-deps", "--locked"]).env("RUSTDOCFLAGS", "-D warnings"))
}

/// Unit, integration and UI tests.
pub(crate) fn tests() -> Result<Outcome> {
    let output = if process::exists("cargo-nextest") {
        let mut command = cargo(["nextest", "run", "--workspace", "--locked", "--no-fail-fast", "--no-tests=warn"]);
        command.args(["--test-threads", &at_once().to_string()]);
        process::show(command.env("PATH", tools::path()?), LIMIT)?
    } else {
        let mut command = cargo(["test", "--workspace", "--locked", "--no-fail-fast", "--lib", "--bins", "--tests"]);
        process::show(command.env("PATH", tools::path()?), LIMIT)?
    };
    Ok(count(&output.text).with_status(output.success).into())
}

/// How many tests run at once: most of them wait for servers that they started, or for leases to end.
fn at_once() -> usize {
    std::thread::available_parallelism().map_or(2, usize::from) * 2
}

/// The examples in the documentation.
pub(crate) fn doc_tests() -> Result<Outcome> {
    let output = process::show(&mut cargo(["test", "--workspace", "--locked", "--no-fail-fast", "--doc"]), LIMIT)?;
    Ok(count(&output.text).with_status(output.success).into())
}

fn one(command: &mut Command) -> Result<Outcome> {
    Ok(Tally::one(process::show(command, LIMIT)?.success).into())
}

/// Adds up the closing lines of nextest and of the standard test runner.
fn count(text: &str) -> Tally {
    let mut tally = Tally::default();
    for line in text.lines().map(plain) {
        let counts = if let Some(counts) = line.trim_start().strip_prefix("Summary [") {
            counts.split_once("tests run:").or_else(|| counts.split_once("test run:")).map(|(_, counts)| counts)
        } else {
            line.strip_prefix("test result:").and_then(|rest| rest.split_once(". ")).map(|(_, counts)| counts)
        };
        if let Some(counts) = counts {
            tally.passed += number_before(counts, "passed");
            tally.failed += number_before(counts, "failed") + number_before(counts, "timed out");
            tally.skipped += number_before(counts, "skipped") + number_before(counts, "ignored");
        }
    }
    tally
}

/// The number in front of a word in `12 passed (1 slow), 3 failed; 0 ignored`.
fn number_before(counts: &str, word: &str) -> usize {
    counts
        .split([',', ';'])
        .filter_map(|part| part.trim().split_once(' '))
        .find(|(_, what)| what.starts_with(word))
        .and_then(|(number, _)| number.parse().ok())
        .unwrap_or(0)
}

/// A line without the colours of a terminal.
fn plain(line: &str) -> String {
    let mut text = String::with_capacity(line.len());
    let mut chars = line.chars();
    while let Some(char) = chars.next() {
        if char == '\u{1b}' {
            chars.by_ref().find(char::is_ascii_alphabetic);
        } else {
            text.push(char);
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nextest_is_counted() {
        let text = "     Summary [   0.026s] 5 tests run: 3 passed (1 slow), 2 failed, 4 skipped\n";
        assert_eq!(count(text), Tally { passed: 3, failed: 2, skipped: 4 });
        assert_eq!(count("\u{1b}[32;1m     Summary\u{1b}[0m [   0.003s] 1 test run: 1 passed, 0 skipped").passed, 1);
    }

    #[test]
    fn the_standard_runner_is_counted_over_all_its_binaries() {
        let text = "test result: ok. 3 passed; 0 failed; 1 ignored; 0 measured; 0 filtered out; finished in 0.00s\n\
                    test result: FAILED. 0 passed; 2 failed; 0 ignored; 0 measured; 0 filtered out; finished in 1.00s";
        assert_eq!(count(text), Tally { passed: 3, failed: 2, skipped: 1 });
    }
}
