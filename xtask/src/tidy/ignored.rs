//! Rule: a test that is switched off says why.

use std::path::Path;

use super::finding::Finding;

/// Finds `#[ignore]` without a reason.
pub(crate) fn check(path: &Path, text: &str, findings: &mut Vec<Finding>) {
    for (index, line) in text.lines().enumerate() {
        if line.trim_start().starts_with("#[ignore]") {
            findings.push(Finding::new(
                path,
                index + 1,
                "a test is switched off without a reason: #[ignore = \"why\"]",
            ));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_test_switched_off_silently_is_found() {
        let mut findings = Vec::new();
        check(Path::new("a.rs"), "    #[ignore = \"needs a disk that is full\"]\n    #[ignore]\n", &mut findings);
        assert_eq!(findings.len(), 1);
    }
}
