//! A step: one named part of a verb, how it ended, how long it took, and the closing line of all of them.

use std::fmt;
use std::ops::AddAssign;
use std::time::{Duration, Instant};

use anyhow::Result;

/// How many checks passed, failed and were skipped.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Tally {
    pub(crate) passed: usize,
    pub(crate) failed: usize,
    pub(crate) skipped: usize,
}

impl Tally {
    /// A step that is a single check.
    pub(crate) fn one(passed: bool) -> Self {
        Self { passed: usize::from(passed), failed: usize::from(!passed), skipped: 0 }
    }

    /// Makes sure that a command which failed is never counted as green.
    pub(crate) fn with_status(mut self, success: bool) -> Self {
        if !success && self.failed == 0 {
            self.failed = 1;
        }
        if success && self.passed == 0 && self.failed == 0 {
            self.passed = 1;
        }
        self
    }
}

impl AddAssign for Tally {
    fn add_assign(&mut self, other: Self) {
        self.passed += other.passed;
        self.failed += other.failed;
        self.skipped += other.skipped;
    }
}

impl fmt::Display for Tally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} passed, {} failed, {} skipped", self.passed, self.failed, self.skipped)
    }
}

/// How a step ended.
#[derive(Debug)]
pub(crate) enum Outcome {
    /// It ran, and this is what it counted.
    Ran(Tally),
    /// It could not run on this machine; the text says what is missing and how to install it.
    Missing(String),
}

impl From<Tally> for Outcome {
    fn from(tally: Tally) -> Self {
        Self::Ran(tally)
    }
}

/// What cannot run here is a failure where every part is expected, and only a loud skip elsewhere.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Strictness {
    /// `CI=true`: a part that cannot run fails.
    Everything,
    /// A person's machine: a part that cannot run is skipped, loudly.
    WhatCanRun,
}

impl Strictness {
    /// Reads `CI` from the environment.
    pub(crate) fn from_env() -> Self {
        if std::env::var("CI").is_ok_and(|value| value == "true" || value == "1") {
            Self::Everything
        } else {
            Self::WhatCanRun
        }
    }
}

/// Runs steps one after the other and remembers how each ended.
#[derive(Debug)]
pub(crate) struct Steps {
    strictness: Strictness,
    done: Vec<(String, Tally, Duration)>,
}

impl Steps {
    pub(crate) fn new(strictness: Strictness) -> Self {
        Self { strictness, done: Vec::new() }
    }

    /// Runs one step; says when it starts and how it ended. Returns whether it was green.
    pub(crate) fn run(&mut self, name: &str, step: impl FnOnce() -> Result<Outcome>) -> bool {
        println!("\n==> {name}");
        let started = Instant::now();
        let tally = self.judge(name, step());
        let took = started.elapsed();
        let word = if tally.failed > 0 { "FAILED" } else { "ok" };
        println!("<== {name}: {word} in {:.1} s ({tally})", took.as_secs_f64());
        self.done.push((name.to_owned(), tally, took));
        tally.failed == 0
    }

    fn judge(&self, name: &str, outcome: Result<Outcome>) -> Tally {
        match outcome {
            Ok(Outcome::Ran(tally)) => tally,
            Ok(Outcome::Missing(what)) if self.strictness == Strictness::WhatCanRun => {
                eprintln!("SKIPPED {name}: {what}");
                Tally { skipped: 1, ..Tally::default() }
            }
            Ok(Outcome::Missing(what)) => {
                eprintln!("FAILED {name}: cannot run here, and CI=true wants every part: {what}");
                Tally::one(false)
            }
            Err(error) => {
                eprintln!("FAILED {name}: {error:#}");
                Tally::one(false)
            }
        }
    }

    /// Everything counted so far.
    pub(crate) fn total(&self) -> Tally {
        let mut total = Tally::default();
        for (_, tally, _) in &self.done {
            total += *tally;
        }
        total
    }

    /// The table of the steps and the closing line. Returns whether all was green.
    pub(crate) fn close(&self) -> bool {
        println!();
        for (name, tally, took) in &self.done {
            let word = match tally {
                Tally { failed: 0, passed: 0, .. } => "skipped",
                Tally { failed: 0, .. } => "ok",
                _ => "FAILED",
            };
            println!("{word:>8}  {:>7.1} s  {name}  ({tally})", took.as_secs_f64());
        }
        let total = self.total();
        println!("\n{total}");
        total.failed == 0
    }
}

/// A verb that is one step.
pub(crate) fn alone(name: &str, step: impl FnOnce() -> Result<Outcome>) -> bool {
    let mut steps = Steps::new(Strictness::from_env());
    steps.run(name, step)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_missing_part_fails_only_where_everything_is_expected() {
        let mut strict = Steps::new(Strictness::Everything);
        assert!(!strict.run("part", || Ok(Outcome::Missing("no node".into()))));
        let mut lenient = Steps::new(Strictness::WhatCanRun);
        assert!(lenient.run("part", || Ok(Outcome::Missing("no node".into()))));
        assert_eq!(lenient.total(), Tally { skipped: 1, ..Tally::default() });
    }

    #[test]
    fn an_error_and_a_failed_command_are_counted() {
        let mut steps = Steps::new(Strictness::WhatCanRun);
        assert!(!steps.run("broken", || anyhow::bail!("no")));
        assert!(!steps.run("red", || Ok(Tally { passed: 3, ..Tally::default() }.with_status(false).into())));
        assert_eq!(steps.total(), Tally { passed: 3, failed: 2, skipped: 0 });
        assert!(!steps.close());
    }

    #[test]
    fn the_closing_line_is_the_plain_one() {
        assert_eq!(Tally { passed: 4, failed: 0, skipped: 1 }.to_string(), "4 passed, 0 failed, 1 skipped");
    }
}
