//! The verb: servers on free ports, calls to them, and a browser that reads their page by the link in their log.

use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context, Result, bail};

use super::options::Options;
use crate::served::{self, Served};
use crate::step::{Outcome, Tally};
use crate::tools::{Need, Packages, need, program};
use crate::{process, verdict, workspace};

/// For what the browser does, besides the time in which calls come.
const LIMIT: Duration = Duration::from_mins(4);

/// What must be shown; a check that never reports is a failure.
const CHECKS: [&str; 17] = [
    "door",
    "link",
    "quiet",
    "rows",
    "sorting",
    "charts",
    "failure",
    "tool",
    "sessions",
    "narrow",
    "themes",
    "labels",
    "away",
    "again",
    "unmeasured",
    "lock",
    "silence",
];

/// Checks the page, or takes its picture.
pub(crate) fn run(options: &Options) -> Result<Outcome> {
    let packages = need!(Packages::install()?);
    let chromium = need!(chromium()?);
    let binary = options.server.clone().map_or_else(|| served::build_example("database"), Ok)?;
    let folder = workspace::scratch("page")?;
    let mut server = start(&binary, &folder.join("server.log"), true)?;
    if let Some(file) = &options.screenshot {
        return picture(options, file, &packages, &chromium, &mut server);
    }
    let mut unmeasured = start(&binary, &folder.join("unmeasured.log"), false)?;
    let mut command = packages.script("page.mjs");
    command
        .arg(chromium)
        .arg(server.logged("page")?)
        .arg(server.url("/mcp"))
        .arg(unmeasured.logged("page")?)
        .arg(&folder);
    let said = process::quiet(&mut command, LIMIT)?.text;
    std::fs::write(folder.join("browser.log"), &said)?;
    let (tally, faults) = verdict::judge(&CHECKS, &said);
    for fault in &faults {
        println!("  FAILED {fault}");
    }
    if !faults.is_empty() {
        println!("the end of {}:\n{}", folder.join("browser.log").display(), verdict::noise(&said));
    }
    Ok(tally.into())
}

/// A browser as Debian has it.
fn chromium() -> Result<Need<PathBuf>> {
    if let Need::Missing(what) = program("chromium", "chromium")? {
        return Ok(Need::Missing(what));
    }
    Ok(Need::Met(process::find("chromium").context("chromium was installed and is not on the path")?))
}

/// A server with an operator page, whose token it makes itself.
fn start(binary: &Path, log: &Path, measured: bool) -> Result<Served> {
    let measured = format!("telemetry.enabled={measured}");
    let settings = ["store.url=memory:", "admin.addr=127.0.0.1:0", "log.format=json", &measured].map(str::to_owned);
    Served::start(binary, &settings, log)
}

fn picture(
    options: &Options,
    file: &Path,
    packages: &Packages,
    chromium: &Path,
    server: &mut Served,
) -> Result<Outcome> {
    let file = std::path::absolute(file)?;
    let mut command = packages.script("page-picture.mjs");
    command.arg(chromium).arg(server.logged("page")?).arg(server.url("/mcp")).arg(&file);
    command.args([
        if options.dark { "dark" } else { "light" },
        &options.width.to_string(),
        &options.seconds.to_string(),
    ]);
    command.args(&options.tool);
    let output = process::show(&mut command, LIMIT + Duration::from_secs(options.seconds.into()))?;
    if !output.success {
        bail!("no picture was taken");
    }
    println!("{}: {} kB", file.display(), std::fs::metadata(&file)?.len() / 1000);
    Ok(Tally::one(true).into())
}
