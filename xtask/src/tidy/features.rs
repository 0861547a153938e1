//! Rule: the core compiles with each of its features alone, and with none: features only add.

use std::process::Command;
use std::time::Duration;

use anyhow::{Context, Result};
use serde::Deserialize;

use crate::step::Tally;
use crate::{process, workspace};

const PACKAGE: &str = "mcp-server-core";
const LIMIT: Duration = Duration::from_mins(20);

#[derive(Debug, Deserialize)]
struct Metadata {
    packages: Vec<Package>,
}

#[derive(Debug, Deserialize)]
struct Package {
    name: String,
    features: std::collections::BTreeMap<String, Vec<String>>,
}

/// Checks the core with no feature and with each alone.
pub(crate) fn check() -> Result<Tally> {
    let mut tally = Tally::default();
    for feature in std::iter::once(None).chain(features()?.into_iter().map(Some)) {
        let output = process::quiet(&mut alone(feature.as_deref()), LIMIT)?;
        let name = feature.as_deref().map_or("no feature".to_owned(), |name| format!("`{name}` alone"));
        // A warning of the package is told again though nothing is compiled again.
        let is_clean = output.success && !output.text.contains(&format!("warning: `{PACKAGE}`"));
        if is_clean {
            println!("{PACKAGE} compiles with {name}");
        } else {
            println!("{PACKAGE} does not compile cleanly with {name}:\n{}", output.text);
        }
        tally += Tally::one(is_clean);
    }
    Ok(tally)
}

fn alone(feature: Option<&str>) -> Command {
    let mut command = workspace::cargo(["check", "--locked", "--package", PACKAGE, "--no-default-features"]);
    if let Some(feature) = feature {
        command.args(["--features", feature]);
    }
    command
}

fn features() -> Result<Vec<String>> {
    let mut command = workspace::cargo(["metadata", "--locked", "--no-deps", "--format-version", "1"]);
    let metadata: Metadata = serde_json::from_str(&process::read(&mut command, LIMIT)?)?;
    let package = metadata.packages.into_iter().find(|package| package.name == PACKAGE);
    let package = package.with_context(|| format!("no package {PACKAGE}"))?;
    Ok(package.features.into_keys().filter(|feature| feature != "default").collect())
}
