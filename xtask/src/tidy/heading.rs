//! Rule: a file starts with one `//!` line that says its one idea.

use std::path::Path;

use super::finding::Finding;

/// Finds Rust files that do not say what they are.
pub(crate) fn check(path: &Path, text: &str, findings: &mut Vec<Finding>) {
    let idea = text.lines().next().and_then(|line| line.strip_prefix("//!"));
    if idea.is_none_or(|idea| idea.trim().is_empty()) {
        findings.push(Finding::new(path, 1, "starts without a `//!` line that says its one idea"));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_without_its_idea_is_found() {
        let mut findings = Vec::new();
        check(Path::new("a.rs"), "//! One idea.\n", &mut findings);
        assert!(findings.is_empty());
        check(Path::new("a.rs"), "//!\n", &mut findings);
        check(Path::new("a.rs"), "use b;\n", &mut findings);
        assert_eq!(findings.len(), 2);
    }
}
