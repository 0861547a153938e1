//! Python: a virtual environment for each pinned list of packages in `tests/clients`.

use std::path::PathBuf;
use std::process::Command;
use std::time::Duration;

use anyhow::{Context, Result};

use super::packages::scripts;
use super::{Need, pins, system};
use crate::process;

const LIMIT: Duration = Duration::from_mins(15);

/// The interpreter of the environment with the packages of `tests/clients/NAME.txt`.
pub(crate) fn python(name: &str) -> Result<Need<PathBuf>> {
    if let Need::Missing(what) = system::program("python3", "python3")? {
        return Ok(Need::Missing(what));
    }
    let list = scripts().join(format!("{name}.txt"));
    let wanted = std::fs::read_to_string(&list).with_context(|| format!("tests/clients/{name}.txt"))?;
    let (folder, done) = pins::folder(name, &[&wanted]);
    let interpreter = folder.join("bin/python");
    if done {
        return Ok(Need::Met(interpreter));
    }
    pins::begin(&folder)?;
    if let Need::Missing(what) = environment(&folder)? {
        return Ok(Need::Missing(what));
    }
    println!("pip install -r tests/clients/{name}.txt");
    let mut pip = Command::new(&interpreter);
    pip.args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "-r"]).arg(&list);
    let output = process::quiet(&mut pip, LIMIT)?;
    if !output.success {
        return Ok(Need::Missing(format!("`pip install -r tests/clients/{name}.txt` failed:\n{}", output.text)));
    }
    pins::finish(&folder)?;
    Ok(Need::Met(interpreter))
}

/// Debian's Python comes without the module that makes environments.
fn environment(folder: &PathBuf) -> Result<Need<()>> {
    let make = || process::quiet(Command::new("python3").args(["-m", "venv"]).arg(folder), LIMIT);
    if make()?.success {
        return Ok(Need::Met(()));
    }
    if let Need::Missing(what) = system::install(&["python3-venv"])? {
        return Ok(Need::Missing(what));
    }
    let output = make()?;
    if output.success {
        return Ok(Need::Met(()));
    }
    Ok(Need::Missing(format!("`python3 -m venv` failed:\n{}", output.text)))
}
