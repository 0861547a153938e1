//! Programs of the operating system: found on the path, or installed from Debian's packages when root.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use anyhow::Result;

use super::Need;
use crate::process;
use crate::step::{Outcome, Tally};

const LIMIT: Duration = Duration::from_mins(15);

/// A program and the Debian package that brings it.
#[derive(Debug, Clone, Copy)]
struct Program {
    name: &'static str,
    package: &'static str,
}

/// The servers which the tests start for themselves.
const SERVICES: [Program; 4] = [
    Program { name: "redis-server", package: "redis-server" },
    Program { name: "initdb", package: "postgresql" },
    Program { name: "nginx", package: "nginx-light" },
    Program { name: "prometheus", package: "prometheus" },
];

/// Makes sure that the servers which the tests start are on this machine.
pub(crate) fn services() -> Result<Outcome> {
    let mut tally = Tally::default();
    let missing: Vec<Program> = SERVICES.into_iter().filter(|program| !found(program.name)).collect();
    if !missing.is_empty()
        && let Need::Missing(what) = install(&packages(&missing))?
    {
        return Ok(Outcome::Missing(what));
    }
    for program in SERVICES {
        println!("{}: {}", program.name, if found(program.name) { "found" } else { "still missing" });
        tally += Tally::one(found(program.name));
    }
    Ok(tally.into())
}

/// Makes sure that a program is on the path, by its Debian package if need be.
pub(crate) fn program(name: &'static str, package: &'static str) -> Result<Need<()>> {
    if found(name) {
        return Ok(Need::Met(()));
    }
    install(&[package])
}

/// Installs Debian packages when that is possible without asking anyone.
pub(crate) fn install(packages: &[&str]) -> Result<Need<()>> {
    let command = format!("apt-get install -y {}", packages.join(" "));
    if !(process::exists("apt-get") && is_root()?) {
        return Ok(Need::Missing(format!("missing programs; install them with: sudo {command}")));
    }
    println!("{command}");
    // The lists of a fresh image are empty or old, so they are read once before anything is asked of them.
    process::quiet(&mut apt(&["update"]), LIMIT)?;
    let output = process::quiet(apt(&["install", "-y", "--no-install-recommends"]).args(packages), LIMIT)?;
    if output.success { Ok(Need::Met(())) } else { Ok(Need::Missing(format!("`{command}` failed:\n{}", output.text))) }
}

/// The path of this process, with the folders of servers that Debian keeps off it.
pub(crate) fn path() -> Result<OsString> {
    let inherited = std::env::var_os("PATH").unwrap_or_default();
    Ok(std::env::join_paths(std::env::split_paths(&inherited).chain(extra_path()))?)
}

/// The folders that Debian keeps off the path though the tests need what is in them.
fn extra_path() -> Vec<PathBuf> {
    let versions = std::fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    let mut folders: Vec<PathBuf> = versions.map(|version| version.path().join("bin")).collect();
    folders.sort();
    folders.push(PathBuf::from("/usr/sbin"));
    folders
}

fn found(program: &str) -> bool {
    process::exists(program) || extra_path().iter().any(|folder: &PathBuf| holds(folder, program))
}

fn holds(folder: &Path, program: &str) -> bool {
    folder.join(program).is_file()
}

fn packages(programs: &[Program]) -> Vec<&'static str> {
    programs.iter().map(|program| program.package).collect()
}

fn is_root() -> Result<bool> {
    Ok(process::read(Command::new("id").arg("-u"), Duration::from_secs(10))?.trim() == "0")
}

fn apt(args: &[&str]) -> Command {
    let mut command = Command::new("apt-get");
    command.args(args).env("DEBIAN_FRONTEND", "noninteractive");
    command
}
