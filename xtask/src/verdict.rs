//! The verdict on a script: one JSON line for each check it made, and every check that it had to make.

use serde::Deserialize;

use crate::step::Tally;

/// What a script prints for each check.
#[derive(Debug, Deserialize)]
struct Line {
    check: String,
    ok: bool,
    #[serde(default)]
    note: String,
}

/// Judges what a script printed: what failed, and what never came.
pub(crate) fn judge(expected: &[&str], printed: &str) -> (Tally, Vec<String>) {
    let mut tally = Tally::default();
    let mut faults = Vec::new();
    let lines: Vec<Line> = printed.lines().filter_map(|line| serde_json::from_str(line).ok()).collect();
    for line in &lines {
        tally += Tally::one(line.ok);
        if !line.ok {
            faults.push(format!("{}: {}", line.check, line.note));
        }
    }
    for check in expected.iter().filter(|check| !lines.iter().any(|line| line.check == **check)) {
        tally += Tally::one(false);
        faults.push(format!("{check}: never reported"));
    }
    (tally, faults)
}

/// The last lines of what a script said besides JSON, its checks and the server's log: why it broke.
pub(crate) fn noise(printed: &str) -> String {
    let lines: Vec<&str> =
        printed.lines().filter(|line| serde_json::from_str::<serde_json::Value>(line).is_err()).collect();
    lines[lines.len().saturating_sub(12)..].join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_failed_and_what_is_missing_both_count() {
        let printed = "noise\n{\"check\":\"list\",\"ok\":true}\n{\"check\":\"call\",\"ok\":false,\"note\":\"no\"}\n";
        let (tally, faults) = judge(&["list", "call", "cancel"], printed);
        assert_eq!(tally, Tally { passed: 1, failed: 2, skipped: 0 });
        assert_eq!(faults, ["call: no", "cancel: never reported"]);
        assert_eq!(noise(printed), "noise");
    }
}
