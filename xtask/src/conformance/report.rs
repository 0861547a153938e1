//! What a person reads of a run.

use super::verdict::Verdict;

/// Prints one line for a run that is green, and every fault of one that is not.
pub(crate) fn print(name: &str, verdict: &Verdict) {
    println!("{name}: {}", verdict.tally);
    for fault in &verdict.faults {
        println!("  FAILED {fault}");
    }
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
