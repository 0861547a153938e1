//! The verb: every rule over every file, all findings at once, then the features one by one.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use anyhow::Result;
use clap::Args;

use super::finding::Finding;
use super::source::Source;
use super::{
    columns, cycles, direction, facade, features, functions, heading, ignored, modules, size, source, spawning,
    test_code, words,
};
use crate::step::{Outcome, Tally};

/// What the verb takes.
#[derive(Debug, Default, Args)]
pub(crate) struct Options {
    /// Only read the sources; do not compile the features one by one.
    #[arg(long)]
    no_features: bool,
}

/// Applies every rule.
pub(crate) fn run(options: &Options) -> Result<Outcome> {
    let files = source::files()?;
    let findings = findings(&files)?;
    for finding in &findings {
        println!("{finding}");
    }
    println!("{} files read, {} findings", files.len(), findings.len());
    let mut tally = Tally { failed: findings.len(), ..Tally::default() }.with_status(findings.is_empty());
    if !options.no_features {
        tally += features::check()?;
    }
    Ok(tally.into())
}

fn findings(files: &[(PathBuf, String)]) -> Result<Vec<Finding>> {
    let mut findings = Vec::new();
    for (path, text) in files {
        texts(path, text, &mut findings);
    }
    let mut sources = source::sources(files)?;
    test_code::mark(&mut sources);
    for source in &sources {
        words::check_module(source, &mut findings);
        spawning::check(source, &mut findings);
        // What only tests, and the peers that only the bench builds, may be as long as it must.
        if source.package != "tests" && !source.package.starts_with("xtask/bench") {
            size::check(source, &mut findings);
            functions::check(source, &mut findings);
            facade::check(source, &mut findings);
        }
    }
    graphs(&sources, &mut findings);
    findings.sort();
    findings.dedup();
    Ok(findings)
}

/// The rules that read a file as text.
fn texts(path: &Path, text: &str, findings: &mut Vec<Finding>) {
    let is = |ends: &[&str]| path.extension().and_then(|end| end.to_str()).is_some_and(|end| ends.contains(&end));
    // Locks are written by tools, and name registries in ways that are theirs.
    if !is(&["lock"]) && !path.ends_with("package-lock.json") {
        words::check(path, text, findings);
    }
    // What must not compile shows one mistake, in the shape in which it is made.
    let is_compile_fail = path.components().any(|part| part.as_os_str() == "ui");
    if is(&["rs", "toml", "mjs", "py"]) && !is_compile_fail {
        columns::check(path, text, findings);
    }
    if is(&["rs"]) && !is_compile_fail {
        heading::check(path, text, findings);
        ignored::check(path, text, findings);
    }
}

fn graphs(sources: &[Source], findings: &mut Vec<Finding>) {
    let mut packages: BTreeMap<&str, Vec<&Source>> = BTreeMap::new();
    for source in sources {
        packages.entry(&source.package).or_default().push(source);
    }
    for (package, sources) in packages {
        let edges = modules::edges(&sources);
        cycles::check(&edges, findings);
        if package == "mcp-server-core" {
            direction::check(&edges, findings);
        }
    }
}
