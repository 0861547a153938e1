//! Rule: no file names a folder of one machine or the host of a registry, and no module is a drawer for anything.

use std::path::Path;

use super::finding::Finding;
use super::source::Source;

/// Words of one machine. They are split so that this file does not find itself.
const FOLDERS: [&str; 4] =
    [concat!("/wo", "rk/"), concat!("/ho", "me/"), concat!("/ro", "ot/"), concat!("../sha", "red")];

/// Hosts of package registries: clients find them by themselves.
const HOSTS: [&str; 5] = [
    concat!("registry.npm", "js.org"),
    concat!("pypi", ".org"),
    concat!("files.python", "hosted.org"),
    concat!("index.crates", ".io"),
    concat!("static.crates", ".io"),
];

/// Module names that say nothing about what is inside.
const DRAWERS: [&str; 6] = ["utils", "util", "common", "manager", "helpers", "misc"];

/// Finds forbidden words in any text file.
pub(crate) fn check(path: &Path, text: &str, findings: &mut Vec<Finding>) {
    for (index, line) in text.lines().enumerate() {
        let at = |word: &str| Finding::new(path, index + 1, format!("names `{word}`, which belongs to one machine"));
        findings.extend(FOLDERS.iter().filter(|word| begins(line, word)).map(|word| at(word)));
        findings.extend(HOSTS.iter().filter(|word| line.contains(*word)).map(|word| at(word)));
    }
}

/// Finds modules that are a drawer for anything.
pub(crate) fn check_module(source: &Source, findings: &mut Vec<Finding>) {
    if let Some(name) = source.module.last().filter(|name| DRAWERS.contains(&name.as_str())) {
        findings.push(Finding::new(
            &source.path,
            1,
            format!("`{name}` is no idea; name the module after what it does"),
        ));
    }
}

/// Whether a path begins here, rather than going on from a longer one.
fn begins(line: &str, word: &str) -> bool {
    line.match_indices(word).any(|(at, _)| {
        !line[..at].ends_with(|before: char| before.is_alphanumeric() || matches!(before, '.' | '_' | '-' | '}'))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn count(text: &str) -> usize {
        let mut findings = Vec::new();
        check(Path::new("a.md"), text, &mut findings);
        findings.len()
    }

    #[test]
    fn words_of_one_machine_are_found() {
        assert_eq!(count(&format!("see {}main", FOLDERS[0])), 1);
        assert_eq!(count(&format!("in ({}a)", FOLDERS[3])), 1);
        assert_eq!(count(&format!("https://{}/x", HOSTS[0])), 1);
        assert_eq!(count("target/work/x and ${base}/home/y are paths of the project"), 0);
    }

    #[test]
    fn drawers_are_found() {
        let mut findings = Vec::new();
        for path in ["c/src/utils.rs", "c/src/manager/mod.rs", "c/src/tool/error.rs"] {
            check_module(&Source::parse(Path::new(path), String::new()).unwrap().unwrap(), &mut findings);
        }
        assert_eq!(findings.len(), 2);
    }
}
