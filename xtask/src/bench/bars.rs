//! The bars: what must hold with every guard on, as ratios within one run where the machine would else decide.

use super::http::{ECHO_1, ECHO_32, ECHO_256, LEGACY_32, SEARCH_32, SEEN_32, SPLIT_1};
use super::results::{AXUM, OURS, RMCP, Results, SEEN, UNSEEN};
use super::singles::{ALLOCATIONS, FIRST, IDLE, PIPELINED, SESSION, SIZE};

/// Which side of its limit a figure must be on.
#[derive(Clone, Copy, Debug)]
pub(super) enum Limit {
    AtMost(f64),
    AtLeast(f64),
}

/// One bar and what was measured.
#[derive(Debug)]
pub(super) struct Bar {
    pub(super) title: &'static str,
    pub(super) limit: Limit,
    pub(super) unit: &'static str,
    pub(super) measured: Option<f64>,
}

impl Bar {
    /// Whether it holds; `None` if it was not measured.
    pub(super) fn passed(&self) -> Option<bool> {
        self.measured.map(|measured| match self.limit {
            Limit::AtMost(limit) => measured <= limit,
            Limit::AtLeast(limit) => measured >= limit,
        })
    }
}

/// Holds the results against every bar.
pub(super) fn judge(results: &Results) -> Vec<Bar> {
    use Limit::{AtLeast, AtMost};
    let cpu =
        |above: &str, server: &str, below: &str| results.ratio((above, OURS), (below, server), |series| &series.cpu_us);
    let speed = |scenario: &str| results.ratio((scenario, OURS), (scenario, RMCP), |series| &series.per_second);
    // A stall of the server's own making is there in every round; one of a busy machine is not in the calmest.
    let slowest = |scenario: &str| {
        let rounds = &results.series(scenario, OURS)?.max_us;
        rounds.iter().copied().min_by(f64::total_cmp).map(|us| us / 1e3)
    };
    let slow = results.ratio((ECHO_1, OURS), (ECHO_1, AXUM), |series| &series.p99_us);
    let stalled = slowest(ECHO_1).zip(slowest(SPLIT_1)).map(|(whole, split)| whole.max(split));
    let bar = |title, limit, unit, measured| Bar { title, limit, unit, measured };
    vec![
        bar("echo: CPU against bare axum", AtMost(1.8), "×", cpu(ECHO_32, AXUM, ECHO_32)),
        bar("search: CPU against bare axum", AtMost(1.9), "×", cpu(SEARCH_32, AXUM, SEARCH_32)),
        bar("calls per second against rmcp, 32 connections", AtLeast(2.0), "×", speed(ECHO_32)),
        bar("calls per second against rmcp, 256 connections", AtLeast(2.0), "×", speed(ECHO_256)),
        bar(
            "CPU of a call in a warm legacy session against a modern one",
            AtMost(1.15),
            "×",
            cpu(LEGACY_32, OURS, ECHO_32),
        ),
        bar(
            "CPU of metrics and of a span exported for every call",
            AtMost(3.0),
            "µs",
            results.excess(SEEN_32, SEEN, UNSEEN, |series| &series.cpu_us),
        ),
        bar("one connection: p99 against bare axum", AtMost(2.0), "×", slow),
        bar("one connection: slowest reply of the calmest round", AtMost(35.0), "ms", stalled),
        bar("stdio: CPU of a call", AtMost(6.0), "µs", results.single(PIPELINED, OURS)),
        bar("allocations of a call", AtMost(70.0), "", results.single(ALLOCATIONS[0].0, OURS)),
        bar("memory of an idle legacy session", AtMost(1000.0), "B", results.single(SESSION, OURS)),
        bar("stdio: from exec to the first answer", AtMost(5.0), "ms", results.single(FIRST, OURS)),
        bar("memory of an idle server (RSS)", AtMost(20.0), "MB", results.single(IDLE, OURS)),
        bar("size of the stripped program", AtMost(30.0), "MB", results.single(SIZE, OURS)),
    ]
}
