//! The packages of the npm lock in `tests/clients`, installed below the build directory, with our scripts beside them.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use anyhow::{Context, Result};

use super::{Need, Node, pins};
use crate::{process, workspace};

const LIMIT: Duration = Duration::from_mins(15);

/// Where the packages are, and the Node that runs them.
#[derive(Debug)]
pub(crate) struct Packages {
    node: Node,
    folder: PathBuf,
}

impl Packages {
    /// Installs the packages if the lock changed since the last run, and renews our scripts.
    pub(crate) fn install() -> Result<Need<Self>> {
        let node = match Node::find()? {
            Need::Met(node) => node,
            Need::Missing(what) => return Ok(Need::Missing(what)),
        };
        let manifest = source("package.json")?;
        let lock = source("package-lock.json")?;
        let (folder, done) = pins::folder("npm", &[&manifest, &lock]);
        if !done {
            pins::begin(&folder)?;
            std::fs::write(folder.join("package.json"), &manifest)?;
            std::fs::write(folder.join("package-lock.json"), &lock)?;
            println!("npm ci (tests/clients/package-lock.json)");
            let mut npm = Command::new("npm");
            npm.args(["ci", "--ignore-scripts", "--no-audit", "--no-fund"]).current_dir(&folder);
            let output = process::quiet(&mut npm, LIMIT)?;
            if !output.success {
                return Ok(Need::Missing(format!("`npm ci` in tests/clients failed:\n{}", output.text)));
            }
            pins::finish(&folder)?;
        }
        copy_scripts(&folder)?;
        Ok(Need::Met(Self { node, folder }))
    }

    /// A Node command for a script of a package, named from `node_modules`.
    pub(crate) fn package(&self, script: &str) -> Command {
        self.node(&self.folder.join("node_modules").join(script))
    }

    /// A Node command for one of our own scripts.
    pub(crate) fn script(&self, name: &str) -> Command {
        self.node(&self.folder.join(name))
    }

    fn node(&self, script: &Path) -> Command {
        let mut command = self.node.command();
        command.arg(script).current_dir(&self.folder);
        command
    }
}

/// The folder of the scripts in the repository.
pub(crate) fn scripts() -> PathBuf {
    workspace::root().join("tests/clients")
}

fn source(name: &str) -> Result<String> {
    std::fs::read_to_string(scripts().join(name)).with_context(|| format!("tests/clients/{name}"))
}

/// A module finds its packages in the folders above it, so the scripts must lie beside `node_modules`.
fn copy_scripts(folder: &Path) -> Result<()> {
    for entry in std::fs::read_dir(scripts())? {
        let path = entry?.path();
        if let (Some("mjs"), Some(name)) = (path.extension().and_then(|end| end.to_str()), path.file_name()) {
            std::fs::copy(&path, folder.join(name))?;
        }
    }
    Ok(())
}
