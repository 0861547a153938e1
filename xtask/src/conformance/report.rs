//! What a person reads of a run.

use super::verdict::Verdict;

/// A fault can quote whole messages; its run has left them in a file.
const MOST: usize = 400;

/// Prints one line for a run that is green, and every fault of one that is not, in one piece.
pub(crate) fn print(name: &str, verdict: &Verdict) {
    let head = format!("{name}: {}", verdict.tally);
    let faults = verdict.faults.iter().map(|fault| {
        let short: String = fault.chars().take(MOST).collect();
        format!("  FAILED {short}")
    });
    let lines: Vec<String> = std::iter::once(head).chain(faults).collect();
    println!("{}", lines.join("\n"));
}

/// Prints what was left out, each once, however many runs left it out.
pub(crate) fn print_skipped(verdicts: &[Verdict]) {
    let mut lines: Vec<&String> = verdicts.iter().flat_map(|verdict| &verdict.skipped).collect();
    lines.sort();
    lines.dedup();
    for line in lines {
        println!("  skipped {line}");
    }
}
