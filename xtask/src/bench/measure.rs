//! The verb: build, measure, print, judge.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};
use clap::Parser;

use super::load::Load;
use super::machine::Machine;
use super::options::Options;
use super::results::{AXUM, FLOOR, OURS, RMCP, Results};
use super::server::{Scratch, Server};
use super::{bars, http, packages, seen, singles, table};

/// Runs the bench.
///
/// # Errors
/// What does not build, start or answer rightly, and a bar that is missed.
pub(crate) fn run(arguments: &[String]) -> Result<()> {
    let name = std::iter::once("cargo xtask bench");
    let options = match Options::try_parse_from(name.chain(arguments.iter().map(String::as_str))) {
        Ok(options) => options,
        Err(said) if !said.use_stderr() => {
            println!("{said}");
            return Ok(());
        }
        Err(said) => return Err(said.into()),
    };
    ensure!(std::thread::available_parallelism()?.get() > 1, "this needs a core for the servers and one for the load");
    let load = Load::new(packages::build("load")?);
    let programs = Programs::build(&options)?;
    let scratch = Scratch::new()?;
    let command = ["cargo xtask bench".to_owned()].into_iter().chain(arguments.iter().cloned());
    let mut results = Results {
        machine: Machine::read(),
        command: command.collect::<Vec<_>>().join(" "),
        http: http::rounds(&load, &programs.serve(&scratch)?, &options)?,
        singles: std::collections::BTreeMap::default(),
    };
    singles::stdio(&load, &programs.over_stdio(), &options, &mut results)?;
    singles::allocations(&load, &options, &scratch, &mut results)?;
    singles::weights(&programs.over_http(), &scratch, &mut results)?;
    singles::sessions(&load, &programs.over_http(), &scratch, &mut results)?;
    if let Some(file) = &options.json {
        let text = serde_json::to_string_pretty(&results)?;
        std::fs::write(file, text).with_context(|| format!("{} cannot be written", file.display()))?;
    }
    let bars = bars::judge(&results);
    println!("{}", table::render(&results, &bars));
    let missed = bars.iter().filter(|bar| bar.passed() == Some(false)).count();
    ensure!(missed == 0, "{missed} of {} bars are missed", bars.len());
    Ok(())
}

/// The programs under test.
struct Programs {
    axum: PathBuf,
    floor: PathBuf,
    ours: PathBuf,
    rmcp: Option<PathBuf>,
}

impl Programs {
    fn build(options: &Options) -> Result<Self> {
        Ok(Self {
            axum: packages::build(AXUM)?,
            floor: packages::build(FLOOR)?,
            ours: packages::build(OURS)?,
            rmcp: if options.peers { Some(packages::build(RMCP)?) } else { None },
        })
    }

    fn over_http(&self) -> Vec<(&'static str, &Path)> {
        let peer = self.rmcp.as_deref().map(|rmcp| (RMCP, rmcp));
        [Some((AXUM, &*self.axum)), peer, Some((OURS, &*self.ours))].into_iter().flatten().collect()
    }

    fn over_stdio(&self) -> Vec<(&'static str, &Path)> {
        let peer = self.rmcp.as_deref().map(|rmcp| (RMCP, rmcp));
        [Some((FLOOR, &*self.floor)), peer, Some((OURS, &*self.ours))].into_iter().flatten().collect()
    }

    fn serve(&self, scratch: &Scratch) -> Result<Vec<(&'static str, Server)>> {
        let start = |(name, program)| Ok((name, Server::start(program, &[], scratch)?));
        let mut servers = self.over_http().into_iter().map(start).collect::<Result<Vec<_>>>()?;
        servers.extend(seen::serve(&self.ours, scratch)?);
        Ok(servers)
    }
}
