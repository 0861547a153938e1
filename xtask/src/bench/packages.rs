//! Building what is measured, all with one profile, each with its own features alone.

use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context, Result, ensure};

use crate::workspace;

/// The folder of the packages.
pub(super) fn folder() -> PathBuf {
    workspace::root().join("xtask").join("bench")
}

/// Where they are built.
fn target() -> PathBuf {
    workspace::target().join("bench")
}

/// Builds a package and gives its program.
///
/// Packages are built one by one: together, each would get the features of all.
pub(super) fn build(package: &str) -> Result<PathBuf> {
    cargo(package, &[])?;
    keep(package, package)
}

/// Builds a package with the allocator that counts.
pub(super) fn build_counting(package: &str) -> Result<PathBuf> {
    cargo(package, &["--features", "count"])?;
    keep(package, &format!("{package}-counting"))
}

fn cargo(package: &str, arguments: &[&str]) -> Result<()> {
    eprintln!("building {package} {}", arguments.join(" "));
    let status = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
        .args(["build", "--quiet", "--release", "--package", package])
        .args(arguments)
        .arg("--target-dir")
        .arg(target())
        .current_dir(folder())
        .status()
        .context("cargo does not start")?;
    ensure!(status.success(), "{package} does not build");
    Ok(())
}

/// Keeps a copy of a program: the next build with other features would overwrite it.
fn keep(package: &str, name: &str) -> Result<PathBuf> {
    let kept = target().join("programs");
    std::fs::create_dir_all(&kept)?;
    let kept = kept.join(name);
    std::fs::copy(target().join("release").join(package), &kept)
        .with_context(|| format!("{package} left no program"))?;
    Ok(kept.canonicalize()?)
}
