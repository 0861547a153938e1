//! Node: the machine's own when it is new enough, otherwise the one that npm brings as a package.

use std::path::PathBuf;
use std::process::Command;
use std::time::Duration;

use anyhow::{Context, Result};

use super::{Need, pins, system};
use crate::process;

/// What the newest of the tools asks for.
const AT_LEAST: (u32, u32) = (22, 19);
const PINNED: &str = "24.21.0";
const LIMIT: Duration = Duration::from_mins(10);

/// A Node that is new enough, and the npm beside it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Node {
    bin: PathBuf,
}

impl Node {
    /// Finds Node, or installs it below the build directory.
    pub(crate) fn find() -> Result<Need<Self>> {
        if let Need::Missing(what) = system::program("npm", "npm")? {
            return Ok(Need::Missing(what));
        }
        if version().is_some_and(|version| version >= AT_LEAST) {
            return Ok(Need::Met(Self { bin: "node".into() }));
        }
        let package = format!("node-{}@{PINNED}", platform());
        let (folder, done) = pins::folder("node", &[&package]);
        if !done {
            pins::begin(&folder)?;
            println!("npm install {package}");
            let mut npm = Command::new("npm");
            npm.args(["install", "--no-audit", "--no-fund", "--no-save", "--prefix"]).arg(&folder).arg(&package);
            let output = process::quiet(&mut npm, LIMIT)?;
            if !output.success {
                return Ok(Need::Missing(format!("`npm install {package}` failed:\n{}", output.text)));
            }
            pins::finish(&folder)?;
        }
        Ok(Need::Met(Self { bin: folder.join("node_modules").join(format!("node-{}", platform())).join("bin/node") }))
    }

    /// A command that runs a script.
    pub(crate) fn command(&self) -> Command {
        Command::new(&self.bin)
    }
}

fn version() -> Option<(u32, u32)> {
    let text = process::read(Command::new("node").arg("--version"), Duration::from_secs(20)).ok()?;
    parse(&text).ok()
}

fn parse(text: &str) -> Result<(u32, u32)> {
    let mut numbers = text.trim().trim_start_matches('v').split('.');
    let mut next = || numbers.next().context("no number")?.parse().context("not a number");
    Ok((next()?, next()?))
}

/// The name npm gives to this machine.
fn platform() -> String {
    let system = if cfg!(target_os = "macos") { "darwin" } else { "linux" };
    let machine = if cfg!(target_arch = "aarch64") { "arm64" } else { "x64" };
    format!("{system}-{machine}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_compare_as_numbers() {
        assert!(parse("v22.19.1\n").unwrap() >= AT_LEAST);
        assert!(parse("v22.9.0").unwrap() < AT_LEAST);
        assert!(parse("nonsense").is_err());
    }
}
