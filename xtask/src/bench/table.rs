//! The tables, in Markdown, as they stand in the README.

use super::bars::{Bar, Limit};
use super::http::{SCENARIOS, SEEN_32};
use super::results::{AXUM, FLOOR, OURS, RMCP, Results, SCRAPED, SEEN, Series, UNSEEN};
use super::singles::{ALLOCATED, ALLOCATIONS, FIRST, IDLE, LEGACY_PIPE, ONE_BY_ONE, PIPELINED, SESSION, SIZE};

const COLUMNS: [&str; 3] = [AXUM, RMCP, OURS];
const PIPES: [&str; 3] = [FLOOR, RMCP, OURS];

/// Writes everything.
pub(super) fn render(results: &Results, bars: &[Bar]) -> String {
    let parts = [
        heading("over HTTP, server and load each on one core", &["bare axum, typed serde", "rmcp 3.9.0", "ours"]),
        http(results),
        singles(
            results,
            &COLUMNS,
            &[(ALLOCATIONS[0].0, "echo: allocations"), (ALLOCATIONS[1].0, "search: allocations")],
        ),
        singles(
            results,
            &COLUMNS,
            &[
                (ALLOCATED, "echo: bytes allocated"),
                (SESSION, "bytes per idle legacy session"),
                (IDLE, "memory of an idle server (RSS): MB"),
                (SIZE, "size of the stripped program: MB"),
            ],
        ),
        heading("over stdio", &["bare tokio loop", "rmcp 3.9.0", "ours"]),
        singles(
            results,
            &PIPES,
            &[
                (PIPELINED, "echo, 64 under way: µs CPU"),
                (ONE_BY_ONE, "echo, one by one: µs CPU"),
                (LEGACY_PIPE, "echo in a legacy session, 64 under way: µs CPU"),
                (FIRST, "from exec to the first answer: ms"),
            ],
        ),
        heading("echo, 32 connections, observed", &["telemetry off", "metrics scraped", "and spans exported"]),
        row("µs CPU", [UNSEEN, SCRAPED, SEEN].map(|server| results.median(SEEN_32, server, |series| &series.cpu_us))),
        row(
            "calls/s",
            [UNSEEN, SCRAPED, SEEN].map(|server| results.median(SEEN_32, server, |series| &series.per_second)),
        ),
        judged(bars),
        format!("\nMeasured with `{}`: medians, all servers in turns.\n{}.\n", results.command, results.machine.line()),
    ];
    parts.concat()
}

fn heading(title: &str, columns: &[&str]) -> String {
    format!("\n| {title} | {} |\n|---|{}\n", columns.join(" | "), "---:|".repeat(columns.len()))
}

fn row(title: &str, cells: impl IntoIterator<Item = Option<f64>>) -> String {
    let cells: Vec<String> = cells.into_iter().map(|cell| cell.map_or("–".to_owned(), figure)).collect();
    format!("| {title} | {} |\n", cells.join(" | "))
}

#[expect(clippy::cast_precision_loss, reason = "a count of stalls")]
fn http(results: &Results) -> String {
    type Read = fn(&Series) -> &Vec<f64>;
    let cpu: (&str, Read) = ("µs CPU", |series| &series.cpu_us);
    let speed: (&str, Read) = ("calls/s", |series| &series.per_second);
    let waits: [(&str, Read); 3] = [
        ("p50 µs", |series| &series.p50_us),
        ("p99 µs", |series| &series.p99_us),
        ("slowest µs", |series| &series.max_us),
    ];
    let mut text = String::new();
    for scenario in SCENARIOS.iter().filter(|scenario| scenario.name != SEEN_32) {
        let figures = if scenario.name.ends_with("-1") { [&[cpu][..], &waits].concat() } else { vec![cpu, speed] };
        for (quantity, of) in figures {
            let cells = COLUMNS.map(|server| results.median(scenario.name, server, of));
            text.push_str(&row(&format!("{}: {quantity}", scenario.title), cells));
        }
        if scenario.name.ends_with("-1") {
            let stalls = COLUMNS.map(|server| results.series(scenario.name, server).map(|series| series.stalls as f64));
            text.push_str(&row(&format!("{}: replies that took 35 ms or more, in all", scenario.title), stalls));
        }
    }
    text
}

fn singles(results: &Results, columns: &[&str], rows: &[(&str, &str)]) -> String {
    rows.iter().map(|(name, title)| row(title, columns.iter().map(|server| results.single(name, server)))).collect()
}

fn judged(bars: &[Bar]) -> String {
    let mut text = "\n| bar | limit | measured | |\n|---|---:|---:|---|\n".to_owned();
    for bar in bars {
        let (sign, limit) = match bar.limit {
            Limit::AtMost(limit) => ("≤", limit),
            Limit::AtLeast(limit) => ("≥", limit),
        };
        let word = match bar.passed() {
            Some(true) => "holds",
            Some(false) => "**missed**",
            None => "not measured",
        };
        let measured = bar.measured.map_or("–".to_owned(), |measured| format!("{} {}", figure(measured), bar.unit));
        let line = format!("| {} | {sign} {limit} {} | {} | {word} |", bar.title, bar.unit, measured.trim_end());
        text.push_str(&line.replace("  |", " |"));
        text.push('\n');
    }
    text
}

/// Three digits that mean something.
fn figure(value: f64) -> String {
    match value.abs() {
        0.0 => "0".to_owned(),
        size if size < 10.0 => format!("{value:.2}"),
        size if size < 100.0 => format!("{value:.1}"),
        _ => format!("{value:.0}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_have_the_digits_that_count() {
        assert_eq!([0.0, 1.234, 12.34, 1234.5].map(figure), ["0", "1.23", "12.3", "1234"]);
    }

    #[test]
    fn a_bar_that_was_not_measured_is_not_passed() {
        let bar = Bar { title: "calls", limit: Limit::AtLeast(2.0), unit: "×", measured: None };
        assert!(judged(&[bar]).contains("not measured"));
    }
}
