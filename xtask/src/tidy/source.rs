//! The sources: the text files of the repository; of each Rust file its crate, place in the module tree, and syntax.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use anyhow::{Context, Result};

use crate::{process, workspace};

/// A Rust file below the `src` of a crate.
pub(crate) struct Source {
    /// From the root of the repository.
    pub(crate) path: PathBuf,
    /// The folder of its crate, such as `mcp-server-core` or `examples/hello`.
    pub(crate) package: String,
    /// Its module path from the crate's root; empty for the root itself.
    pub(crate) module: Vec<String>,
    pub(crate) text: String,
    pub(crate) syntax: syn::File,
    /// Compiled for tests only.
    pub(crate) test_only: bool,
}

impl Source {
    /// Parses one file; `None` if it does not lie in the `src` of a crate.
    pub(crate) fn parse(path: &Path, text: String) -> Result<Option<Self>> {
        let Some((package, module)) = place(path) else { return Ok(None) };
        let syntax = syn::parse_file(&text).with_context(|| format!("{} does not parse", path.display()))?;
        Ok(Some(Self { path: path.to_owned(), package, module, text, syntax, test_only: false }))
    }

    /// Whether this file is a table of contents: `lib.rs` or `mod.rs`.
    pub(crate) fn is_facade(&self) -> bool {
        matches!(self.path.file_name().and_then(|name| name.to_str()), Some("lib.rs" | "mod.rs"))
    }
}

/// Every text file of the repository, tracked or about to be.
pub(crate) fn files() -> Result<Vec<(PathBuf, String)>> {
    let mut git = Command::new("git");
    git.args(["ls-files", "--cached", "--others", "--exclude-standard"]).current_dir(workspace::root());
    let listed = process::read(&mut git, Duration::from_mins(1)).context("tidy asks git for the files")?;
    let mut paths: Vec<&str> = listed.lines().collect();
    paths.sort_unstable();
    paths.dedup();
    // A file that is gone but not yet committed as gone, or that is no text, is nobody's finding.
    let read = |path: &str| std::fs::read_to_string(workspace::root().join(path)).ok();
    Ok(paths.into_iter().filter_map(|path| Some((PathBuf::from(path), read(path)?))).collect())
}

/// The Rust files of every crate.
pub(crate) fn sources(files: &[(PathBuf, String)]) -> Result<Vec<Source>> {
    let mut sources = Vec::new();
    for (path, text) in files.iter().filter(|(path, _)| path.extension().is_some_and(|end| end == "rs")) {
        sources.extend(Source::parse(path, text.clone())?);
    }
    Ok(sources)
}

/// The crate and the module path of `mcp-server-core/src/tool/error.rs`.
fn place(path: &Path) -> Option<(String, Vec<String>)> {
    let (package, inner) = path.to_str()?.split_once("/src/")?;
    // Compile-fail inputs and fixtures are not modules of the crate.
    if package.contains("/ui") || package.contains("fixtures") {
        return None;
    }
    let mut module: Vec<String> = inner.strip_suffix(".rs")?.split('/').map(str::to_owned).collect();
    if matches!(module.last().map(String::as_str), Some("mod" | "lib" | "main")) {
        module.pop();
    }
    Some((package.to_owned(), module))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_says_crate_and_module() {
        let at = |path: &str| place(Path::new(path));
        assert_eq!(at("core/src/tool/error.rs"), Some(("core".into(), vec!["tool".into(), "error".into()])));
        assert_eq!(at("core/src/tool/mod.rs"), Some(("core".into(), vec!["tool".into()])));
        assert_eq!(at("examples/hello/src/main.rs"), Some(("examples/hello".into(), vec![])));
        assert_eq!(at("tests/tests/wire.rs"), None);
    }
}
