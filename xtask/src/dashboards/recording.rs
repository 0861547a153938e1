//! The recorded series: what the alerts compare, numerators and denominators apart.

use super::instruments::{self as made, Instrument};
use super::promql::{Level, grown, matcher, quantile};
use super::semconv::{self, attribute, outcome};

/// A recorded series.
#[derive(Clone, Debug)]
pub(super) struct Recorded {
    /// `level:metric:operations`.
    pub(super) name: String,
    /// What it is of.
    pub(super) expression: String,
}

/// Rules that are evaluated together.
#[derive(Clone, Debug)]
pub(super) struct Group {
    pub(super) name: &'static str,
    /// How often, where that is not as everywhere else.
    pub(super) interval: Option<&'static str>,
    pub(super) rules: Vec<Recorded>,
}

/// The windows in which failures are counted.
pub(super) const WINDOWS: [&str; 5] = ["5m", "30m", "1h", "6h", "3d"];

/// The name of a recorded series of calls, results or anything else that is counted.
pub(super) fn counted(level: Level, what: &str, window: &str) -> String {
    format!("{}:mcpserver_{what}:increase{window}", level.word())
}

/// The name of the recorded 95th percentile of a tool's time.
pub(super) fn p95() -> String {
    format!("tool:{}:p95_10m", made::OPERATION_DURATION.prometheus())
}

/// The name of the recorded series of when a server was last scraped.
pub(super) fn seen() -> String {
    "job:mcpserver_seen:timestamp".to_owned()
}

/// A server that is gone is remembered, also across a restart of Prometheus.
fn last_seen() -> Recorded {
    let (name, ready) = (seen(), made::READY.prometheus());
    let expression = format!("max by (job) (timestamp({ready}))\nor last_over_time({name}[1d])");
    Recorded { name, expression }
}

/// The calls that a server had to answer: neither given up, nor wrong from the start.
pub(super) fn owed() -> String {
    let excluded = format!("{}|{}", outcome::REFUSED, outcome::CANCELLED);
    [matcher(attribute::OUTCOME, "!~", &excluded), not_the_callers()].join(", ")
}

/// Those of them that failed.
pub(super) fn failed() -> String {
    [matcher(attribute::OUTCOME, "=", outcome::FAILED), not_the_callers()].join(", ")
}

fn not_the_callers() -> String {
    matcher(attribute::KIND, "!~", &semconv::CALLERS_KINDS.join("|"))
}

fn record(level: Level, what: &str, of: &Instrument, matchers: &str, window: &str) -> Recorded {
    recorded_as(level, what, &of.prometheus(), matchers, window)
}

fn recorded_as(level: Level, what: &str, series: &str, matchers: &str, window: &str) -> Recorded {
    Recorded { name: counted(level, what, window), expression: grown(level, series, matchers, window) }
}

/// All of them.
pub(super) fn groups() -> Vec<Group> {
    let calls = |window: &&str| {
        [
            record(Level::Tool, "tool_calls", &made::TOOL_CALLS, &owed(), window),
            record(Level::Tool, "tool_failures", &made::TOOL_CALLS, &failed(), window),
        ]
    };
    vec![
        Group { name: "mcp-server-calls", interval: None, rules: WINDOWS[..4].iter().flat_map(calls).collect() },
        // Dear, and slow to change; yet often enough that a value is never older than Prometheus looks back.
        Group { name: "mcp-server-calls-long", interval: Some("2m"), rules: calls(&WINDOWS[4]).into() },
        Group { name: "mcp-server-results", interval: None, rules: results() },
        Group { name: "mcp-server-others", interval: None, rules: others() },
    ]
}

/// The calls that ended in a result, be it empty.
pub(super) fn answered() -> String {
    matcher(attribute::OUTCOME, "=~", &[outcome::COMPLETE, outcome::EMPTY, outcome::PARTIAL].join("|"))
}

fn results() -> Vec<Recorded> {
    let (any, empty) = (answered(), matcher(attribute::OUTCOME, "=", outcome::EMPTY));
    let rows = made::RESULT_ROWS.prometheus();
    let within = |window: &&str| {
        [
            record(Level::Tool, "tool_results", &made::TOOL_CALLS, &any, window),
            or_none(record(Level::Tool, "tool_empties", &made::TOOL_CALLS, &empty, window), "tool_results", window),
            recorded_as(Level::Tool, "tool_rows", &format!("{rows}_sum"), "", window),
            recorded_as(Level::Tool, "tool_results_with_rows", &format!("{rows}_count"), "", window),
        ]
    };
    let mut rules: Vec<Recorded> = ["30m", "1d"].iter().flat_map(within).collect();
    rules.push(record(Level::Tool, "quality_deviations", &made::QUALITY_DEVIATIONS, "", "30m"));
    let called = matcher(attribute::TOOL, "!=", "");
    let quantile = quantile(Level::Tool, "0.95", &made::OPERATION_DURATION, &called, "10m");
    // Without calls it is no number, which would spoil every average over it.
    rules.push(Recorded { name: p95(), expression: format!("{quantile} >= 0") });
    rules
}

/// Where there is something to compare with, there are none rather than nothing: a tool that was never empty has no
/// series that says so, and is the first to be missed.
fn or_none(rule: Recorded, beside: &str, window: &str) -> Recorded {
    let expression = format!("{}\nor 0 * {}", rule.expression, counted(Level::Tool, beside, window));
    Recorded { expression, ..rule }
}

fn others() -> Vec<Recorded> {
    let operations = format!("{}_count", made::OPERATION_DURATION.prometheus());
    let stored = format!("{}_count", made::STORE_OPERATION_DURATION.prometheus());
    // Codes alone: a tool's failure and a call that was given up are counted above.
    let ours = [matcher(attribute::ERROR_TYPE, "=~", "-[0-9]+"), not_the_clients_codes()].join(", ");
    vec![
        last_seen(),
        record(Level::Tool, "tool_calls_of_any_outcome", &made::TOOL_CALLS, "", "30m"),
        record(
            Level::Tool,
            "tool_calls_given_up",
            &made::TOOL_CALLS,
            &matcher(attribute::OUTCOME, "=", outcome::CANCELLED),
            "30m",
        ),
        record(
            Level::Tool,
            "tool_failures_of_any_kind",
            &made::TOOL_CALLS,
            &matcher(attribute::OUTCOME, "=", outcome::FAILED),
            "30m",
        ),
        record(Level::Tool, "validation_failures", &made::VALIDATION_FAILURES, "", "30m"),
        record(Level::Guard, "refusals", &made::REFUSALS, "", "10m"),
        recorded_as(Level::Job, "operations", &operations, "", "10m"),
        recorded_as(Level::Job, "operation_failures", &operations, &ours, "10m"),
        recorded_as(Level::Job, "store_operations", &stored, "", "10m"),
        recorded_as(Level::Job, "store_faults", &stored, &matcher(attribute::ERROR_TYPE, "!=", ""), "10m"),
    ]
}

/// By the letter of the conventions these codes are errors of the server; a client that speaks wrongly gets them all
/// the same, and the promise of a server is not broken by it.
fn not_the_clients_codes() -> String {
    matcher(attribute::ERROR_TYPE, "!~", "-3202[0-2]")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_distinct_and_say_level_metric_and_operation() {
        let groups = groups();
        let mut names: Vec<&str> =
            groups.iter().flat_map(|group| &group.rules).map(|rule| rule.name.as_str()).collect();
        assert!(names.iter().all(|name| name.split(':').count() == 3), "{names:?}");
        let all = names.len();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), all);
    }

    #[test]
    fn a_failure_of_the_callers_own_is_no_failure() {
        let failures = &groups()[0].rules[1];
        assert_eq!(failures.name, "tool:mcpserver_tool_failures:increase5m");
        for kind in ["invalid_argument", "not_found", "conflict", "permission_denied", "cancelled"] {
            assert!(failures.expression.contains(kind), "{kind}");
        }
    }
}
