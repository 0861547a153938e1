//! Rule: a file is one idea, so it has at most 400 lines without its tests.

use super::finding::Finding;
use super::source::Source;
use super::test_code;

const MOST: usize = 400;

/// Finds files that hold more than one idea.
pub(crate) fn check(source: &Source, findings: &mut Vec<Finding>) {
    if source.test_only {
        return;
    }
    let tests: usize = test_code::lines(source).into_iter().map(Iterator::count).sum();
    let lines = source.text.lines().count().saturating_sub(tests);
    if lines > MOST {
        let message = format!("{lines} lines without tests, at most {MOST}: look for the second idea in it");
        findings.push(Finding::new(&source.path, 1, message));
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    fn findings(text: String) -> usize {
        let mut findings = Vec::new();
        check(&Source::parse(Path::new("c/src/a.rs"), text).unwrap().unwrap(), &mut findings);
        findings.len()
    }

    #[test]
    fn a_long_file_is_found_and_tests_do_not_count() {
        assert_eq!(findings("const A: u8 = 0;\n".repeat(MOST)), 0);
        assert_eq!(findings("const A: u8 = 0;\n".repeat(MOST + 1)), 1);
        let tests = format!("#[cfg(test)]\nmod tests {{\n{}}}\n", "const A: u8 = 0;\n".repeat(MOST));
        assert_eq!(findings(tests), 0);
    }
}
