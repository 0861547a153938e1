//! Alerts on tools that fail, are slow, or are given up.

use super::{Alert, Severity};
use crate::dashboards::instruments as made;
use crate::dashboards::promql::{Level, grown, highest, matcher, select, sum};
use crate::dashboards::recording::{counted, p95};
use crate::dashboards::semconv::{DEFECT_KINDS, attribute, outcome, recent};

/// How fast a budget of failures is spent, and what that means: the figures of the Site Reliability Workbook, chapter 5.
struct Burn {
    name: &'static str,
    severity: Severity,
    times: f64,
    long: &'static str,
    short: &'static str,
    holds: &'static str,
    summary: &'static str,
    description: &'static str,
}

const BURNS: [Burn; 3] = [
    Burn {
        name: "McpServerToolBurnFast",
        severity: Severity::Critical,
        times: 14.4,
        long: "1h",
        short: "5m",
        holds: "2m",
        summary: "A tool fails so often that its budget of failures for a month is spent in two days.",
        description: "{{ $value | humanizePercentage }} of the calls of {{ $labels.gen_ai_tool_name }} of \
                      {{ $labels.job }} failed within the last hour.",
    },
    Burn {
        name: "McpServerToolBurnSteady",
        severity: Severity::Critical,
        times: 6.0,
        long: "6h",
        short: "30m",
        holds: "15m",
        summary: "A tool fails so often that its budget of failures for a month is spent in five days.",
        description: "{{ $value | humanizePercentage }} of the calls of {{ $labels.gen_ai_tool_name }} of \
                      {{ $labels.job }} failed within the last six hours.",
    },
    Burn {
        name: "McpServerToolBurnSlow",
        severity: Severity::Warning,
        times: 1.0,
        long: "3d",
        short: "6h",
        holds: "1h",
        summary: "A tool fails more often than it may, and has done so for days.",
        description: "{{ $value | humanizePercentage }} of the calls of {{ $labels.gen_ai_tool_name }} of \
                      {{ $labels.job }} failed within the last three days.",
    },
];

/// So many failures there must be: one of three calls is no rate.
const FLOOR: u32 = 10;

pub(super) fn alerts(objective: f64) -> Vec<Alert> {
    let mut alerts = vec![failing(), last_failed()];
    alerts.extend(BURNS.iter().map(|burn| burning(burn, objective)));
    alerts.extend([fruitless(), defect(), upstream_hidden(), given_up(), slow()]);
    alerts
}

fn failing() -> Alert {
    let (failures, calls) = (counted(Level::Tool, "tool_failures", "5m"), counted(Level::Tool, "tool_calls", "5m"));
    Alert {
        name: "McpServerToolFailing",
        severity: Severity::Critical,
        holds: "1m",
        condition: vec![format!("{failures} >= {FLOOR}"), format!("and {failures} > 0.9 * {calls}")],
        summary: "Every call of a tool fails.",
        description: "{{ $value | printf \"%.0f\" }} calls of {{ $labels.gen_ai_tool_name }} of {{ $labels.job }} failed \
                      within the last five minutes, and next to none succeeded.",
    }
}

/// The share of the last results that are such, at its highest among the replicas: each tells of all.
pub(super) fn last(measure: &str, last: &str) -> String {
    let matchers = [matcher(attribute::MEASURE, "=", measure), matcher(attribute::LAST, "=", last)].join(", ");
    select(&made::QUALITY_RECENT.prometheus(), &matchers)
}

/// Needs no rate: sixty failures in two days are too few for any window of time.
fn last_failed() -> Alert {
    let of = |window: &str, share: &str| format!("{} >= {share}", last(recent::FAILED, window));
    let windows = [of("10", "0.9"), of("20", "0.7"), of("50", "0.5")].join("\n  or ");
    Alert {
        name: "McpServerToolLastFailed",
        severity: Severity::Critical,
        holds: "2m",
        condition: vec![highest(Level::Tool, &windows)],
        summary: "Nearly all of the last calls of a tool failed.",
        description: "{{ $value | humanizePercentage }} of the last calls of {{ $labels.gen_ai_tool_name }} of \
                      {{ $labels.job }} failed, however few they are in an hour.",
    }
}

fn upstream_hidden() -> Alert {
    let results = matcher(attribute::OUTCOME, "=~", &[outcome::COMPLETE, outcome::EMPTY, outcome::PARTIAL].join("|"));
    Alert {
        name: "McpServerUpstreamErrorsHidden",
        severity: Severity::Warning,
        holds: "0m",
        condition: vec![format!("{} >= 5", grown(Level::Tool, &made::UPSTREAM_ERRORS.prometheus(), &results, "1h"))],
        summary: "Requests of a tool to a service fail, and its calls end as if they had not.",
        description: "{{ $value | printf \"%.0f\" }} calls of {{ $labels.gen_ai_tool_name }} of {{ $labels.job }} returned a \
                      result within the last hour though a service had failed.",
    }
}

fn burning(burn: &Burn, objective: f64) -> Alert {
    let limit = burn.times * (100.0 - objective) / 100.0;
    let limit = format!("{limit:.6}");
    let limit = limit.trim_end_matches('0').trim_end_matches('.');
    let share = |window: &str| {
        let (failures, calls) =
            (counted(Level::Tool, "tool_failures", window), counted(Level::Tool, "tool_calls", window));
        format!("{failures} / {calls} > {limit}")
    };
    Alert {
        name: burn.name,
        severity: burn.severity,
        holds: burn.holds,
        condition: vec![
            share(burn.long),
            format!("and {}", share(burn.short)),
            format!("and {} >= {FLOOR}", counted(Level::Tool, "tool_failures", burn.long)),
        ],
        summary: burn.summary,
        description: burn.description,
    }
}

/// A key for a dependency that has expired looks like the fault of callers, each of whom may not do this.
fn fruitless() -> Alert {
    let failures = counted(Level::Tool, "tool_failures_of_any_kind", "30m");
    Alert {
        name: "McpServerToolFruitless",
        severity: Severity::Warning,
        holds: "5m",
        condition: vec![
            format!("{failures} >= 20"),
            format!("and {failures} > 0.95 * {}", counted(Level::Tool, "tool_calls_of_any_outcome", "30m")),
        ],
        summary: "No call of a tool succeeds, whoever is at fault.",
        description: "{{ $value | printf \"%.0f\" }} calls of {{ $labels.gen_ai_tool_name }} of {{ $labels.job }} failed \
                      within the last 30 minutes, and next to none succeeded.",
    }
}

fn defect() -> Alert {
    let kinds = matcher(attribute::KIND, "=~", &DEFECT_KINDS.join("|"));
    Alert {
        name: "McpServerToolDefect",
        severity: Severity::Warning,
        holds: "0m",
        condition: vec![format!("{} > 0", grown(Level::Tool, &made::TOOL_CALLS.prometheus(), &kinds, "30m"))],
        summary: "A tool breaks a promise of its own: it panics, returns nothing without a reason, or breaks its schema.",
        description: "{{ $value | printf \"%.0f\" }} calls of {{ $labels.gen_ai_tool_name }} of {{ $labels.job }} ended \
                      in a defect within the last 30 minutes.",
    }
}

fn given_up() -> Alert {
    let gone = counted(Level::Tool, "tool_calls_given_up", "30m");
    Alert {
        name: "McpServerToolGivenUp",
        severity: Severity::Warning,
        holds: "5m",
        condition: vec![
            format!("{gone} / {} > 0.5", counted(Level::Tool, "tool_calls_of_any_outcome", "30m")),
            format!("and {gone} >= {FLOOR}"),
        ],
        summary: "Clients give up most calls of a tool before it has answered.",
        description: "{{ $value | humanizePercentage }} of the calls of {{ $labels.gen_ai_tool_name }} of \
                      {{ $labels.job }} were given up within the last 30 minutes.",
    }
}

fn slow() -> Alert {
    let count = format!("{}_count", made::OPERATION_DURATION.prometheus());
    let called = matcher(attribute::TOOL, "!=", "");
    let p95 = p95();
    Alert {
        name: "McpServerToolSlow",
        severity: Severity::Warning,
        holds: "10m",
        condition: vec![
            format!("{p95} > 1"),
            format!("and {p95} > 3 * avg_over_time({p95}[1d] offset 30m)"),
            format!("and {} >= 20", sum(Level::Tool, &format!("increase({count}{{{called}}}[10m])"))),
        ],
        summary: "A tool is much slower than it was the day before.",
        description: "One of twenty calls of {{ $labels.gen_ai_tool_name }} of {{ $labels.job }} takes \
                      {{ $value | humanizeDuration }} or longer.",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_objective_sets_what_is_too_fast() {
        let condition = |objective| {
            let alert = alerts(objective).into_iter().find(|alert| alert.name == "McpServerToolBurnFast");
            alert.unwrap().condition[0].clone()
        };
        assert!(condition(99.0).ends_with(" > 0.144"), "{}", condition(99.0));
        assert!(condition(99.9).ends_with(" > 0.0144"), "{}", condition(99.9));
    }
}
