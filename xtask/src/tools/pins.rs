//! Pins: a folder of installed things is named after what was asked for, so that a warm run finds it done.

use std::path::{Path, PathBuf};

use anyhow::Result;

use crate::workspace;

/// The file that says an installation came to its end.
const DONE: &str = ".installed";

/// The folder for one set of pins, and whether it is complete already.
pub(crate) fn folder(name: &str, pins: &[&str]) -> (PathBuf, bool) {
    let folder = workspace::tools().join(format!("{name}-{:016x}", digest(pins)));
    let done = folder.join(DONE).is_file();
    (folder, done)
}

/// Starts an installation in an empty folder: half of an older one may be there.
pub(crate) fn begin(folder: &Path) -> Result<()> {
    if folder.exists() {
        std::fs::remove_dir_all(folder)?;
    }
    Ok(std::fs::create_dir_all(folder)?)
}

/// Marks an installation as complete.
pub(crate) fn finish(folder: &Path) -> Result<()> {
    Ok(std::fs::write(folder.join(DONE), "")?)
}

/// FNV-1a: the same on every machine and with every compiler, which the standard hasher does not promise.
fn digest(pins: &[&str]) -> u64 {
    let bytes = pins.iter().flat_map(|pin| pin.bytes().chain([0]));
    bytes.fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn other_pins_are_another_folder() {
        assert_ne!(folder("node", &["24.1"]).0, folder("node", &["24.2"]).0);
        assert_ne!(digest(&["a", "b"]), digest(&["ab"]));
        assert_eq!(folder("node", &["24.1"]).0, folder("node", &["24.1"]).0);
    }
}
