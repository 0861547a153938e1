//! Where things are: the root of the repository, the build directory, the folder of installed tools.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::LazyLock;
use std::time::Duration;

use crate::process;

/// The root of the repository that cargo runs this in. Clones may share a build directory, and with it this program,
/// so where it was compiled counts only when it is started by hand.
pub(crate) fn root() -> &'static Path {
    static ROOT: LazyLock<PathBuf> = LazyLock::new(|| {
        let package = std::env::var_os("CARGO_MANIFEST_DIR").map(PathBuf::from);
        let package = package.unwrap_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")));
        package.parent().map_or_else(|| PathBuf::from("."), Path::to_path_buf)
    });
    &ROOT
}

/// Where cargo builds: `CARGO_TARGET_DIR`, or `target`.
pub(crate) fn target() -> PathBuf {
    std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root().join("target"), |folder| root().join(folder))
}

/// Where the chores install what they need, beside the build so that one folder is cached.
pub(crate) fn tools() -> PathBuf {
    target().join("tools")
}

/// A fresh and empty folder for the files of one run.
pub(crate) fn scratch(name: &str) -> anyhow::Result<PathBuf> {
    let folder = target().join("xtask").join(name);
    if folder.exists() {
        std::fs::remove_dir_all(&folder)?;
    }
    std::fs::create_dir_all(&folder)?;
    Ok(folder)
}

/// Builds programs of the workspace and returns the folder that holds them.
///
/// All packages are selected, as in the tests: a package alone has other features, and with them other dependencies to
/// compile.
pub(crate) fn build(programs: &[&str]) -> anyhow::Result<PathBuf> {
    let mut command = cargo(["build", "--locked", "--workspace"]);
    for program in programs {
        command.args(["--bin", program]);
    }
    if !process::show(&mut command, Duration::from_mins(40))?.success {
        anyhow::bail!("{} does not build", programs.join(", "));
    }
    Ok(target().join("debug"))
}

/// A cargo command in the root of the repository.
pub(crate) fn cargo<const N: usize>(args: [&str; N]) -> Command {
    let mut command = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command.args(args).current_dir(root());
    command
}
