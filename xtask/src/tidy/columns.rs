//! Rule: a line has at most 140 columns, tables in docs aside: the formatter keeps code within 120, and cannot break a text.

use std::path::Path;

use super::finding::Finding;

const MOST: usize = 140;

/// Finds lines that are too long to read side by side with others.
pub(crate) fn check(path: &Path, text: &str, findings: &mut Vec<Finding>) {
    for (index, line) in text.lines().enumerate() {
        let columns = line.chars().count();
        let table = line.trim_start().trim_start_matches(['/', '!']).trim_start().starts_with('|');
        if columns > MOST && !table {
            findings.push(Finding::new(path, index + 1, format!("{columns} columns, at most {MOST}")));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_line_is_found_by_its_number() {
        let mut findings = Vec::new();
        check(Path::new("a.rs"), &format!("{}\n{}x\n", "é".repeat(MOST), "é".repeat(MOST)), &mut findings);
        assert_eq!(findings, [Finding::new(Path::new("a.rs"), 2, "141 columns, at most 140")]);
    }
}
