//! The report: a line for each attack, and a table.

use std::fmt::Write as _;

use crate::attack::Outcome;
use crate::options::Options;

/// One attack in a line.
pub(crate) fn line(outcome: &Outcome) -> String {
    let word = if outcome.holds() { "ok" } else { "FAILED" };
    let faults = outcome.faults.join("; ");
    let (base, peak, _) = outcome.memory;
    format!(
        "{word:6} {:28} p99 {:.1?} (quiet {:.1?}), /livez p99 {:.1?}, {} to {} MiB {faults}",
        outcome.name,
        outcome.during.p99(),
        outcome.quiet.p99(),
        outcome.probes.p99(),
        base >> 20,
        peak >> 20,
    )
}

/// All of them as Markdown.
pub(crate) fn markdown(options: &Options, outcomes: &[Outcome]) -> String {
    let mut text = format!(
        "# Siege\n\nEach attack lasts {} s, on a server of its own with its defaults. An honest client may be served 5 times \
         slower than before, or within {} ms; `/livez` answers within {} ms; memory stays within the configured budgets; \
         everything recovers within 5 s.\n\n\
         | attack | what | p99 before | p99 during | requests | failed | `/livez` p99 | memory before | at most | allowed \
         | recovered after | holds |\n|---|---|---|---|---|---|---|---|---|---|---|---|\n",
        options.time().as_secs(),
        options.floor().as_millis(),
        options.probe().as_millis(),
    );
    for outcome in outcomes {
        let (base, peak, allowed) = outcome.memory;
        let recovered = outcome.recovered.map_or_else(|| "–".to_owned(), |time| format!("{:.1} s", time.as_secs_f64()));
        let holds = if outcome.holds() { "yes".to_owned() } else { outcome.faults.join("; ") };
        let _written = writeln!(
            text,
            "| {} | {} | {:.1} ms | {:.1} ms | {} | {} | {:.1} ms | {} MiB | {} MiB | {} MiB | {recovered} | {holds} |",
            outcome.name,
            outcome.what,
            outcome.quiet.p99().as_secs_f64() * 1e3,
            outcome.during.p99().as_secs_f64() * 1e3,
            outcome.during.count(),
            outcome.during.failed,
            outcome.probes.p99().as_secs_f64() * 1e3,
            base >> 20,
            peak >> 20,
            allowed >> 20,
        );
    }
    text
}
