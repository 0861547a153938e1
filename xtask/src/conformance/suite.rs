//! The suite as a program: what it lists, how it is run, and the checks it wrote.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use serde::Deserialize;

use crate::process;
use crate::tools::Packages;

const ENTRY: &str = "@modelcontextprotocol/conformance/dist/index.js";
const LIMIT: Duration = Duration::from_mins(10);

/// One check of a scenario, as the suite writes it.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Check {
    pub(crate) id: String,
    pub(crate) status: String,
    #[serde(default)]
    pub(crate) description: String,
    #[serde(default)]
    pub(crate) error_message: Option<String>,
}

/// The checks of every scenario that wrote any.
pub(crate) type Checks = BTreeMap<String, Vec<Check>>;

/// The scenarios for servers that the suite names for these arguments, or all of them for none.
pub(crate) fn list(packages: &Packages, arguments: &[&str]) -> Result<Vec<String>> {
    let mut command = suite(packages, &["list", "--server"]);
    let text = process::read(command.args(arguments), LIMIT)?;
    let names = parse_list(&text);
    if names.is_empty() {
        bail!("the suite lists no scenario for {arguments:?}:\n{text}");
    }
    Ok(names)
}

/// Runs the suite and reads what it wrote; how it exits says nothing about warnings, so that is not looked at.
pub(crate) fn run(packages: &Packages, arguments: &[&str], url: &str, folder: &Path) -> Result<(Checks, String)> {
    let mut command = suite(packages, &["server", "--url", url, "-o"]);
    let output = process::quiet(command.arg(folder).args(arguments), LIMIT)?;
    Ok((read(folder)?, output.text))
}

fn suite(packages: &Packages, arguments: &[&str]) -> Command {
    let mut command = packages.package(ENTRY);
    command.args(arguments);
    command
}

/// Reads `- name [notes]` lines. In a requirement set each leg has a heading, and unscored lines name their leg.
fn parse_list(text: &str) -> Vec<String> {
    let mut names = Vec::new();
    let mut ours = true;
    for line in text.lines() {
        if let Some(entry) = line.trim_start().strip_prefix("- ") {
            let (name, notes) = entry.split_once(' ').unwrap_or((entry, ""));
            if ours && notes != "[client]" {
                names.push(name.to_owned());
            }
        } else if line.ends_with(':') && !line.starts_with(' ') {
            ours = !line.starts_with("Client");
        }
    }
    names
}

/// Reads every `server-SCENARIO-TIME/checks.json` below a folder.
fn read(folder: &Path) -> Result<Checks> {
    let mut checks = Checks::new();
    for entry in std::fs::read_dir(folder)? {
        let entry = entry?;
        let name = entry.file_name().to_string_lossy().into_owned();
        let Some(scenario) = scenario(&name) else { continue };
        let path = entry.path().join("checks.json");
        // A scenario that broke leaves an empty folder; the verdict misses it by name.
        if let Ok(text) = std::fs::read_to_string(&path) {
            let read: Vec<Check> =
                serde_json::from_str(&text).with_context(|| format!("{} is not what was expected", path.display()))?;
            checks.entry(scenario.to_owned()).or_default().extend(read);
        }
    }
    Ok(checks)
}

/// The scenario in `server-tools-list-2026-07-28T10-00-00-000Z`.
fn scenario(folder: &str) -> Option<&str> {
    let name = folder.strip_prefix("server-")?;
    let length = "-2026-07-28T10-00-00-000Z".len();
    name.len().checked_sub(length).and_then(|end| name.get(..end))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_lists_of_both_kinds_are_read() {
        assert_eq!(parse_list("Server scenarios (test):\n  - a-b [2025-06-18]\n  - c [extension]\n"), ["a-b", "c"]);
        let set = "Required:\n\nServer scenarios (test):\n  - a\n\nClient scenarios (x):\n  - auth\n\n\
                   Run and reported, but never scored:\n  extension (2):\n    - t [server]\n    - u [client]\n";
        assert_eq!(parse_list(set), ["a", "t"]);
    }

    #[test]
    fn a_folder_names_its_scenario() {
        assert_eq!(scenario("server-tools-list-2026-11-21T07-18-19-182Z"), Some("tools-list"));
        assert_eq!(scenario("other"), None);
    }
}
