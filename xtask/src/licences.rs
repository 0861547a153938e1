//! `licences`: every dependency is licensed as `.cargo/deny.toml` allows, and comes from the registry.

use std::time::Duration;

use anyhow::{Context, Result};
use serde::Deserialize;

use crate::step::{Outcome, Tally};
use crate::{process, workspace};

const LIMIT: Duration = Duration::from_mins(10);

#[derive(Debug, Deserialize)]
struct Deny {
    licenses: Allowed,
}

#[derive(Debug, Deserialize)]
struct Allowed {
    allow: Vec<String>,
}

#[derive(Debug, Deserialize)]
struct Metadata {
    packages: Vec<Package>,
}

#[derive(Debug, Deserialize)]
struct Package {
    name: String,
    version: String,
    license: Option<String>,
    source: Option<String>,
}

/// Checks every package that cargo would build; asks cargo-deny as well where that is installed.
pub(crate) fn run() -> Result<Outcome> {
    let deny = workspace::root().join(".cargo/deny.toml");
    let text = std::fs::read_to_string(&deny).context(".cargo/deny.toml")?;
    let allowed = toml::from_str::<Deny>(&text).context(".cargo/deny.toml")?.licenses.allow;
    let mut command = workspace::cargo(["metadata", "--locked", "--format-version", "1"]);
    let metadata: Metadata = serde_json::from_str(&process::read(&mut command, LIMIT)?)?;
    let mut tally = Tally::default();
    for package in &metadata.packages {
        let fault = fault(package, &allowed);
        if let Some(fault) = &fault {
            println!("{} {}: {fault}", package.name, package.version);
        }
        tally += Tally::one(fault.is_none());
    }
    if process::exists("cargo-deny") {
        let mut command = workspace::cargo(["deny", "check", "--config", ".cargo/deny.toml", "licenses", "sources"]);
        tally += Tally::one(process::show(&mut command, LIMIT)?.success);
    }
    Ok(tally.into())
}

fn fault(package: &Package, allowed: &[String]) -> Option<String> {
    if package.source.as_deref().is_some_and(|source| !source.starts_with("registry+")) {
        return Some("does not come from the registry".to_owned());
    }
    let Some(licence) = &package.license else { return Some("names no licence".to_owned()) };
    match permits(licence, allowed) {
        Ok(true) => None,
        Ok(false) => Some(format!("`{licence}` is not allowed by .cargo/deny.toml")),
        Err(error) => Some(format!("`{licence}` cannot be read: {error}")),
    }
}

/// Whether an SPDX expression can be satisfied with the allowed licences alone.
fn permits(expression: &str, allowed: &[String]) -> Result<bool> {
    // Before SPDX expressions, a slash was how crates wrote OR.
    let spaced = expression.replace('/', " OR ").replace('(', " ( ").replace(')', " ) ");
    let words: Vec<&str> = spaced.split_whitespace().collect();
    let mut reader = Reader { words: &words, allowed };
    let verdict = reader.either()?;
    anyhow::ensure!(reader.words.is_empty(), "unexpected `{}`", reader.words.join(" "));
    Ok(verdict)
}

/// Reads an expression from left to right; OR binds weaker than AND, AND weaker than WITH.
struct Reader<'a> {
    words: &'a [&'a str],
    allowed: &'a [String],
}

impl Reader<'_> {
    fn either(&mut self) -> Result<bool> {
        let mut verdict = self.both()?;
        while self.take("OR") {
            verdict |= self.both()?;
        }
        Ok(verdict)
    }

    fn both(&mut self) -> Result<bool> {
        let mut verdict = self.licence()?;
        while self.take("AND") {
            verdict &= self.licence()?;
        }
        Ok(verdict)
    }

    fn licence(&mut self) -> Result<bool> {
        if self.take("(") {
            let verdict = self.either()?;
            anyhow::ensure!(self.take(")"), "a parenthesis is not closed");
            return Ok(verdict);
        }
        let mut name = self.next()?.to_owned();
        if self.take("WITH") {
            name = format!("{name} WITH {}", self.next()?);
        }
        Ok(self.allowed.contains(&name))
    }

    fn next(&mut self) -> Result<&str> {
        let (first, rest) = self.words.split_first().context("it ends too soon")?;
        self.words = rest;
        Ok(first)
    }

    fn take(&mut self, word: &str) -> bool {
        let is_next = self.words.first() == Some(&word);
        if is_next {
            self.words = &self.words[1..];
        }
        is_next
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn permitted(expression: &str) -> bool {
        let allowed = ["MIT", "ISC", "Apache-2.0 WITH LLVM-exception"].map(str::to_owned);
        permits(expression, &allowed).unwrap()
    }

    #[test]
    fn expressions_are_weighed() {
        assert!(permitted("MIT"));
        assert!(permitted("GPL-3.0 OR MIT"));
        assert!(permitted("GPL-3.0/MIT"));
        assert!(permitted("ISC AND (GPL-3.0 OR MIT)"));
        assert!(permitted("Apache-2.0 WITH LLVM-exception"));
        assert!(!permitted("Apache-2.0"));
        assert!(!permitted("MIT AND GPL-3.0"));
        assert!(!permitted("GPL-3.0 OR MIT AND GPL-2.0"));
    }

    #[test]
    fn a_broken_expression_is_an_error() {
        assert!(permits("(MIT", &[]).is_err());
        assert!(permits("MIT MIT", &[]).is_err());
        assert!(permits("MIT OR", &[]).is_err());
    }
}
